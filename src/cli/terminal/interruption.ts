/** Asks to end: Ctrl-C, SIGTERM. Whoever works at the moment says what that means. */
export class Interruption {
  readonly #idle: () => void
  #handler: ((times: number) => void) | undefined
  #times = 0

  /** `idle` answers while nobody has said what to do: the process may end at once. */
  constructor(idle: () => void) {
    this.#idle = idle
  }

  /** Whether anybody has asked to end so far. */
  get asked(): boolean {
    return this.#times > 0
  }

  /** The result is there and written: whoever asks now gets it. */
  over(): void {
    this.#handler = () => {}
  }

  /** Someone asks to end. */
  request(): void {
    this.#times += 1
    if (this.#handler === undefined) this.#idle()
    else this.#handler(this.#times)
  }

  /** While `work` runs, requests go to `handler` with how often it was asked, from 1. */
  async during<T>(handler: (times: number) => void, work: () => Promise<T>): Promise<T> {
    const before = this.#handler
    this.#handler = handler
    try {
      return await work()
    } finally {
      this.#handler = before
    }
  }
}
