import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { usedCpuMs } from './process-facts.ts'

/** The period of the kernel's own CPU limits. */
const periodMs = 100
const lookMs = 4

/** Continues the process and its children once nothing writes to it any more. */
const guardScript =
  'cat >/dev/null; kill -CONT "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null) 2>/dev/null'

/**
 * Limits the CPU time of processes as a container's quota does: once they have used up that of a
 * period they are stopped (SIGSTOP) until it ends. They go on when `stop` is called and when this
 * process ends in any way: a guard of its own waits for that.
 */
export class CpuLimit {
  readonly #pids: () => readonly number[]
  readonly #cores: number
  readonly #guard: ReturnType<typeof spawn>
  readonly #stopped = new Set<number>()
  #lastUsedMs = new Map<number, number>()
  #usedInPeriodMs = 0
  #periodStartMs = performance.now()
  #timer: NodeJS.Timeout | undefined

  /** `guarded` and its children go on when we end; `pids`, all among them, is asked each time. */
  constructor(options: {
    readonly guarded: number
    readonly pids: () => readonly number[]
    readonly cores: number
  }) {
    this.#pids = options.pids
    this.#cores = options.cores
    // In a session of its own: Ctrl-C is not to end it before us.
    this.#guard = spawn('/bin/sh', ['-c', guardScript, 'guard', String(options.guarded)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    process.on('exit', () => this.#continueAll())
  }

  /** Resolves once the guard stands; from then on the limit holds. */
  async start(): Promise<void> {
    await once(this.#guard, 'spawn')
    this.#usedSinceLook()
    this.#timer = setInterval(() => this.#look(), lookMs)
  }

  /** Resolves when all go on and the guard has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#continueAll()
    const ended = once(this.#guard, 'exit')
    this.#guard.stdin?.end()
    await ended
  }

  #look(): void {
    this.#usedInPeriodMs += this.#usedSinceLook()
    const nowMs = performance.now()
    const quotaMs = this.#cores * periodMs
    const periods = Math.floor((nowMs - this.#periodStartMs) / periodMs)
    if (periods > 0) {
      // What was used beyond the quota between two looks is owed to the next period.
      this.#usedInPeriodMs = Math.max(0, this.#usedInPeriodMs - periods * quotaMs)
      this.#periodStartMs += periods * periodMs
    }
    if (this.#usedInPeriodMs < quotaMs) this.#continueAll()
    else for (const pid of this.#pids()) this.#stopOne(pid)
  }

  #usedSinceLook(): number {
    const used = new Map(this.#pids().map(pid => [pid, usedCpuMs(pid)]))
    let sumMs = 0
    for (const [pid, ms] of used) sumMs += Math.max(0, ms - (this.#lastUsedMs.get(pid) ?? 0))
    this.#lastUsedMs = used
    return sumMs
  }

  #stopOne(pid: number): void {
    if (this.#stopped.has(pid)) return
    if (signal(pid, 'SIGSTOP')) this.#stopped.add(pid)
  }

  #continueAll(): void {
    for (const pid of this.#stopped) signal(pid, 'SIGCONT')
    this.#stopped.clear()
  }
}

/** False when the process is gone. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
