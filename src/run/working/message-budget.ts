import type { LogLevel } from '../../base/index.ts'
import type { FromWorker } from '../messages.ts'
import { outsideIterations } from '../script-places.ts'

const logLinesPerSecond = 100
const errorTextsPerSecond = 50

/**
 * Keeps what a script says and throws from flooding the controller: equal errors are counted and
 * sent once a second, log lines above the budget are counted and named in one line.
 */
export class MessageBudget {
  readonly #worker: number
  readonly #send: (message: FromWorker) => void
  readonly #errors = new Map<string, { scenario: string; message: string; count: number }>()
  #logLines = 0
  #otherErrors = 0

  constructor(worker: number, send: (message: FromWorker) => void) {
    this.#worker = worker
    this.#send = send
  }

  /** A script's error: the first of its kind in a second goes out at once, repeats are counted. */
  scriptError(scenario: string, message: string): void {
    const key = `${scenario}\0${message}`
    const known = this.#errors.get(key)
    if (known !== undefined) {
      known.count += 1
    } else if (this.#errors.size < errorTextsPerSecond) {
      this.#errors.set(key, { scenario, message, count: 0 })
      this.#sendError(scenario, message, 1)
    } else {
      this.#otherErrors += 1
    }
  }

  log(level: LogLevel, message: string): void {
    this.#logLines += 1
    if (this.#logLines <= logLinesPerSecond) this.#sendLog(level, message)
  }

  /** Sends what was held back. Call once a second and at the end. */
  flush(): void {
    for (const { scenario, message, count } of this.#errors.values()) {
      if (count > 0) this.#sendError(scenario, message, count)
    }
    if (this.#otherErrors > 0)
      this.#sendError(outsideIterations, '(other errors)', this.#otherErrors)
    const unsaid = this.#logLines - logLinesPerSecond
    if (unsaid > 0) {
      this.#sendLog('warn', `${unsaid} more log lines in this second (at most 100 are shown)`)
    }
    this.#errors.clear()
    this.#otherErrors = 0
    this.#logLines = 0
  }

  #sendError(scenario: string, message: string, count: number): void {
    this.#send({ kind: 'scriptError', worker: this.#worker, scenario, message, count })
  }

  #sendLog(level: LogLevel, message: string): void {
    this.#send({ kind: 'log', worker: this.#worker, level, message })
  }
}
