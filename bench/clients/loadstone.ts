import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launch } from '../rig/process.ts'

const root = join(import.meta.dirname, '..', '..')

export interface RunOptions {
  /** A file in bench/scripts/. */
  readonly script: string
  readonly target: string
  /** Load and everything else, as on the command line. */
  readonly flags: readonly string[]
  readonly summaryFile: string
  readonly cores?: readonly number[]
  readonly env?: Readonly<Record<string, string>>
}

/** The real command line, as `npx loadstone run` starts it. */
export const loadstoneLaunch = (options: RunOptions): Launch => ({
  command: process.execPath,
  args: [
    join(root, 'src/cli/bin.js'),
    'run',
    join(root, 'bench/scripts', options.script),
    ...['-H', options.target, '--quiet', '--json', options.summaryFile],
    // Stored as a user's run is, but where the bench cleans up.
    ...['--store', `${options.summaryFile}.runs.db`],
    ...options.flags,
  ],
  ...(options.cores === undefined ? {} : { cores: options.cores }),
  ...(options.env === undefined ? {} : { env: options.env }),
})

/**
 * 97 says that the generator was the limit: in a bench that gives the client one core and no think
 * time that is the right answer.
 */
export const runExitCodes: readonly number[] = [0, 97]

export interface LatencyMs {
  readonly min: number
  readonly mean: number
  readonly max: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly 'p99.9': number
}

/** The parts of the public JSON summary that benches read. */
export interface Summary {
  readonly totals: {
    readonly requests: number
    readonly failures: number
    readonly requestsPerSecond: number
    readonly iterations: number
    readonly drops: number
  }
  readonly requests: readonly {
    readonly name: string
    readonly count: number
    readonly latencyMs: LatencyMs
    readonly serviceTimeMs: LatencyMs
  }[]
  readonly validity: {
    readonly valid: boolean
    readonly reasons: readonly string[]
    readonly startDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
  }
}

/** Reads what a run has written; throws when it is not a summary of version 1. */
export async function readSummary(file: string): Promise<Summary> {
  const summary = JSON.parse(await readFile(file, 'utf8')) as Summary & { schema?: string }
  if (summary.schema !== 'loadstone.summary/1') {
    throw new Error(`${file} is no loadstone.summary/1 but ${summary.schema ?? 'something else'}`)
  }
  return summary
}

/** The only series of a script with one request. */
export function onlySeries(summary: Summary): Summary['requests'][number] {
  const [series] = summary.requests
  if (series === undefined) throw new Error('the run measured nothing')
  return series
}
