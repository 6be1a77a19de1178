import { join } from 'node:path'
import { Process } from '../rig/process.ts'
import type { ClosedLoopReport } from './closed-loop.ts'

export interface ClosedLoopSetting {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly cores: readonly number[]
}

/** Runs closed-loop.ts to its end. Latencies in ms. */
export async function closedLoopReport(setting: ClosedLoopSetting): Promise<ClosedLoopReport> {
  await using client = new Process({
    command: process.execPath,
    args: [
      join(import.meta.dirname, 'closed-loop.ts'),
      ...[new URL(setting.url).port, String(setting.connections), String(setting.seconds)],
    ],
    cores: setting.cores,
  })
  await client.finish()
  return JSON.parse(client.stdout) as ClosedLoopReport
}
