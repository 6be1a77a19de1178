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

/** Ticks that each core has been busy since boot. */
function busyTicks(): ReadonlyMap<number, number> {
  const lines = readFileSync('/proc/stat', 'latin1').matchAll(/^cpu(\d+) (.*)$/gm)
  return new Map(
    [...lines].map(([, core, fields = '']) => {
      const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = fields
        .split(' ')
        .map(Number)
      return [Number(core), user + nice + system + irq + softIrq]
    }),
  )
}

/** The allowed cores, those first that other programs leave alone just now. Takes 0.3 s. */
function idlestCores(): number[] {
  const before = busyTicks()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  const after = busyTicks()
  const busy = (core: number) => (after.get(core) ?? 0) - (before.get(core) ?? 0)
  return [...allowedCores].sort((a, b) => busy(a) - busy(b) || a - b)
}

/** The idlest cores for the client, the next for the server; shared on a machine with too few. */
export function pickCores(want: { readonly server: number; readonly client: number }): CorePlan {
  const cores = idlestCores()
  const range = (from: number, count: number) => [
    ...new Set(
      Array.from({ length: count }, (_, index) => cores[(from + index) % cores.length] ?? 0),
    ),
  ]
  return {
    server: range(want.client, want.server),
    client: range(0, want.client),
    overlap: want.server + want.client > allowedCores.length,
  }
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
    `nginx ${versionOf('nginx', ['-v'], /nginx\/(\S+)/)}`,
    `wrk ${versionOf('wrk', ['-v'], /wrk (?:debian\/)?(\S+)/)}`,
    `load average before: ${loadAverageText()}`,
  ]
}

/** Files that one process here may open at most: the hard limit, which Node raises itself to. */
export function openFilesLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'latin1')
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1] ?? '0'
  return hard === 'unlimited' ? Infinity : Number(hard)
}
