import { spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  /** Cores it may run on, threads and children included; all when left out. */
  readonly cores?: readonly number[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** The last part of what a process printed is enough to explain why it failed. */
const keptOutputCharacters = 200_000

const living = new Set<Process>()

/** Ends whatever still runs, at once: for a bench that is interrupted. */
export function killAllProcesses(): void {
  for (const one of living) process.kill(-one.pid, 'SIGKILL')
}

/** A process of the bench, in its own process group so that its children end with it. */
export class Process implements AsyncDisposable {
  readonly pid: number
  /** Exit code, or undefined when a signal ended it. */
  readonly ended: Promise<number | undefined>
  readonly #child: ChildProcess
  #running = true
  #stdout = ''
  #stderr = ''

  constructor(launch: Launch) {
    const pin = launch.cores === undefined ? [] : ['taskset', '-c', launch.cores.join(',')]
    const [command = '', ...args] = [...pin, launch.command, ...launch.args]
    this.#child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...launch.env },
      ...(launch.cwd === undefined ? {} : { cwd: launch.cwd }),
    })
    this.#child.stdout?.on('data', (text: Buffer) => {
      this.#stdout = (this.#stdout + text.toString()).slice(-keptOutputCharacters)
    })
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-keptOutputCharacters)
    })
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', code => {
        this.#running = false
        living.delete(this)
        resolve(code ?? undefined)
      })
    })
    // Whoever awaits `ended` gets the error; without this a failed spawn would also be unhandled.
    this.ended.catch(() => undefined)
    this.pid = this.#child.pid ?? 0
    if (this.pid === 0) throw new Error(`could not start ${command}; is it installed?`)
    living.add(this)
  }

  get running(): boolean {
    return this.#running
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /**
   * Resolves when it has ended by itself with one of the codes; throws with its output otherwise.
   */
  async finish(codes: readonly number[] = [0]): Promise<number> {
    const code = await this.ended
    if (code !== undefined && codes.includes(code)) return code
    throw new Error(`ended with ${code ?? 'a signal'}:\n${this.stderr || this.stdout}`)
  }

  /** SIGTERM to the group, SIGKILL after 3 s; resolves when it has ended. */
  async stop(): Promise<void> {
    if (!this.#running) return
    process.kill(-this.pid, 'SIGTERM')
    const patience = new AbortController()
    const grace = sleep(3000, undefined, { signal: patience.signal }).then(
      () => this.#running && process.kill(-this.pid, 'SIGKILL'),
      () => undefined,
    )
    await this.ended
    patience.abort()
    await grace
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/** Full path of a program on the PATH (or in one of `also`), or undefined. */
export function findProgram(name: string, also: readonly string[] = []): string | undefined {
  const folders = [...also, ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders
    .map(folder => join(folder, name))
    .find(path => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** Why a bench cannot run here, or undefined when every program is there. */
export function missingPrograms(...names: readonly string[]): string | undefined {
  const missing = names.filter(name => findProgram(name) === undefined)
  if (missing.length === 0) return undefined
  return `not installed: ${missing.join(', ')} (Debian: apt-get install nginx-light wrk util-linux)`
}
