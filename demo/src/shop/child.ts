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

const keptLinesMax = 20

/**
 * Where Node keeps what it compiled, for the next start: that one is faster, and a process that
 * finds it there needs half the memory. One's own NODE_COMPILE_CACHE counts.
 */
const compileCache = fileURLToPath(
  new URL('../../../node_modules/.cache/loadstone-shop', import.meta.url),
)

interface Answer {
  readonly kind: string
  readonly id?: number
  readonly error?: string
}

/**
 * A process of the shop. What it writes to stderr goes to ours with its name in front, what it
 * writes to stdout (request logs) goes to ours as it is.
 */
export class Child {
  readonly name: string
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  readonly #process: ChildProcess
  readonly #lastLines: string[] = []
  #asked = 0

  constructor(options: ChildOptions) {
    this.name = options.name
    this.#process = fork(fileURLToPath(options.module), [...(options.args ?? [])], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: options.detached ?? false,
    })
    // A change, a stop and the first messages may all wait at once.
    this.#process.setMaxListeners(100)
    this.ended = new Promise(resolve => this.#process.once('exit', () => resolve()))
    void this.ended.then(() => options.onExit(this))
    this.#process.stdout?.on('data', (chunk: Buffer) => process.stdout.write(chunk))
    this.#process.stderr?.on('data', (chunk: Buffer) => this.#tell(chunk.toString()))
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

  /** The last lines it wrote to stderr, at most 20. */
  get lastLines(): readonly string[] {
    return this.#lastLines
  }

  /** A message that no longer arrives is not an error: that the process ended is told. */
  send(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => undefined)
  }

  /**
   * Sends a message with an id and resolves once the process has answered 'changed' to it; rejects
   * with its reason, or when it ends before.
   */
  async change(message: object): Promise<void> {
    this.#asked += 1
    const id = this.#asked
    const answered = this.first<Answer, true>(answer => {
      if (answer.kind !== 'changed' || answer.id !== id) return undefined
      if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`)
      return true
    })
    this.send({ ...message, id })
    await answered
  }

  /**
   * Resolves with the first message that `pick` makes a value of; rejects with what it throws, or
   * when the process ends before.
   */
  first<Message, T>(pick: (message: Message) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#process.off('message', look)
        act()
      }
      const look = (message: unknown) => {
        try {
          const picked = pick(message as Message)
          if (picked !== undefined) settle(() => resolve(picked))
        } catch (error) {
          const reason = error instanceof Error ? error : new Error(String(error))
          settle(() => reject(reason))
        }
      }
      this.#process.on('message', look)
      void this.ended.then(() => {
        settle(() => reject(new Error(`${this.name} ended by itself (${this.end ?? 'unknown'})`)))
      })
    })
  }

  /** Calls `listener` with every message. */
  onMessage<Message>(listener: (message: Message) => void): void {
    this.#process.on('message', message => listener(message as Message))
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

  #tell(text: string): void {
    this.#lastLines.push(...text.split('\n').filter(line => line !== ''))
    this.#lastLines.splice(0, this.#lastLines.length - keptLinesMax)
    process.stderr.write(text.replace(/^(?=.)/gm, `[${this.name}] `))
  }
}
