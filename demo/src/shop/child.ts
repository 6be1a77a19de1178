import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface ChildOptions {
  readonly name: string
  readonly module: URL
  readonly args?: readonly string[]
  /** In a session of its own, out of reach of Ctrl-C. */
  readonly detached?: boolean
  readonly onExit: (child: Child) => void
}

/** A process of the shop. What it writes goes to our stderr with its name in front. */
export class Child {
  readonly name: string
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  readonly #process: ChildProcess

  constructor(options: ChildOptions) {
    this.name = options.name
    this.#process = fork(fileURLToPath(options.module), [...(options.args ?? [])], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: options.detached ?? false,
    })
    this.ended = new Promise(resolve => this.#process.once('exit', () => resolve()))
    void this.ended.then(() => options.onExit(this))
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (chunk: Buffer) => process.stderr.write(this.#prefixed(chunk)))
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** 'code 1' or 'SIGKILL'; undefined while it runs. */
  get end(): string | undefined {
    const { exitCode, signalCode } = this.#process
    if (signalCode !== null) return signalCode
    return exitCode === null ? undefined : `code ${exitCode}`
  }

  send(message: object): void {
    if (this.#process.connected) this.#process.send(message)
  }

  /** Resolves with the first message that `pick` makes a value of; rejects with what it throws. */
  first<Message, T>(pick: (message: Message) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#process.on('message', message => {
        try {
          const picked = pick(message as Message)
          if (picked !== undefined) resolve(picked)
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      })
    })
  }

  /** Asks it to end with SIGTERM, or by closing the channel; insists with SIGKILL. */
  async stop(how: {
    readonly by: 'signal' | 'disconnect'
    readonly withinMs: number
  }): Promise<void> {
    if (this.end === undefined) {
      if (how.by === 'signal') this.#process.kill('SIGTERM')
      else if (this.#process.connected) this.#process.disconnect()
      const timer = setTimeout(() => this.#process.kill('SIGKILL'), how.withinMs)
      await this.ended
      clearTimeout(timer)
    }
  }

  #prefixed(chunk: Buffer): string {
    return chunk.toString().replace(/^(?=.)/gm, `[${this.name}] `)
  }
}
