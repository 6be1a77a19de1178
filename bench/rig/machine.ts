import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { findProgram } from './process.ts'

/** Cores that this process may use, from taskset or a container. */
export const allowedCores: readonly number[] = readAllowedCores()

function readAllowedCores(): number[] {
  const status = readFileSync('/proc/self/status', 'latin1')
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0'
  return list.split(',').flatMap(part => {
    const [from = 0, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
}

export interface CorePlan {
  readonly server: readonly number[]
  readonly client: readonly number[]
  /** True when there are too few cores, so that server and client take turns. */
  readonly overlap: boolean
}

/** Cores for the server, then others for the client; wraps around on a machine with too few. */
export function pickCores(want: { readonly server: number; readonly client: number }): CorePlan {
  const at = (index: number) => allowedCores[index % allowedCores.length] ?? 0
  const range = (from: number, count: number) => [
    ...new Set(Array.from({ length: count }, (_, index) => at(from + index))),
  ]
  return {
    server: range(0, want.server),
    client: range(want.server, want.client),
    overlap: want.server + want.client > allowedCores.length,
  }
}

/** Moves the bench itself to the last core, so that it does not disturb the first ones. */
export function stepAside(): void {
  const last = allowedCores.at(-1)
  if (last === undefined || findProgram('taskset') === undefined) return
  execFileSync('taskset', ['-cpa', String(last), String(process.pid)], { stdio: 'ignore' })
}

export const loadAverageText = (): string =>
  loadavg()
    .map(value => value.toFixed(2))
    .join(' ')

const versionOf = (command: string, args: readonly string[], pattern: RegExp): string => {
  if (findProgram(command) === undefined) return 'absent'
  // wrk prints its version with exit code 1, nginx on the error stream.
  const shell = `${command} ${args.join(' ')} 2>&1 || true`
  const text = execFileSync('sh', ['-c', shell], { encoding: 'utf8' })
  return pattern.exec(text)?.[1] ?? 'unknown'
}

/** What a reader needs to judge the numbers, one fact a line. */
export function machineFacts(): string[] {
  const memoryGb = (totalmem() / 2 ** 30).toFixed(0)
  return [
    `${cpus()[0]?.model ?? 'unknown CPU'}, cores ${allowedCores.join(' ')}, ${memoryGb} GB`,
    `Linux ${release()}, Node ${process.version}`,
    `nginx ${versionOf('nginx', ['-v'], /nginx\/(\S+)/)}, wrk ${versionOf('wrk', ['-v'], /wrk (?:debian\/)?(\S+)/)}`,
    `load average before: ${loadAverageText()}`,
  ]
}

/** Files that one process here may open at most: the hard limit, which Node raises itself to. */
export function openFilesLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'latin1')
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1] ?? '0'
  return hard === 'unlimited' ? Infinity : Number(hard)
}
