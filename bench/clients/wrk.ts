import { join } from 'node:path'
import type { Launch } from '../rig/process.ts'
import { Process } from '../rig/process.ts'

export interface WrkOptions {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly cores: readonly number[]
}

/** wrk with one thread: the measure of what a client without a script can do. */
export const wrkLaunch = (options: WrkOptions): Launch => ({
  command: 'wrk',
  args: [
    '-t1',
    `-c${options.connections}`,
    `-d${options.seconds}s`,
    ...['-s', join(import.meta.dirname, 'wrk-report.lua')],
    options.url,
  ],
  cores: options.cores,
})

export interface WrkReport {
  readonly requests: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** Runs wrk to its end and reads what it says about latency. */
export async function wrkReport(options: WrkOptions): Promise<WrkReport> {
  await using wrk = new Process(wrkLaunch(options))
  await wrk.finish()
  const line = wrk.stdout.split('\n').find(text => text.startsWith('{'))
  if (line === undefined) throw new Error(`wrk printed no report:\n${wrk.stdout}`)
  return JSON.parse(line) as WrkReport
}
