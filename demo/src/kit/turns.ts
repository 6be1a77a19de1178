interface Waiting {
  readonly begin: () => void
}

/**
 * Lets so many work at once, the others wait in the order they came. How many wait is limited by
 * who asks: a server's open connections, a caller's `callPendingMax`.
 */
export class Turns {
  readonly #atOnceMax: () => number
  readonly #waiting = new Set<Waiting>()
  #working = 0

  /** `atOnceMax` is asked at each turn; 0 is no limit. */
  constructor(options: { readonly atOnceMax: () => number }) {
    this.#atOnceMax = options.atOnceMax
  }

  get waiting(): number {
    return this.#waiting.size
  }

  get working(): number {
    return this.#working
  }

  /** Does the work when its turn has come. */
  async run<T>(work: () => Promise<T> | T): Promise<T> {
    await this.take()
    try {
      return await work()
    } finally {
      this.end()
    }
  }

  /**
   * Resolves with true when the turn has come: `end` must follow. Resolves with false when it did
   * not come within `withinMs`.
   */
  take(withinMs?: number): Promise<boolean> {
    if (this.#isFree()) {
      this.#working += 1
      return Promise.resolve(true)
    }
    return new Promise(resolve => {
      const timer =
        withinMs === undefined
          ? undefined
          : setTimeout(() => {
              this.#waiting.delete(one)
              resolve(false)
            }, withinMs)
      const one: Waiting = {
        begin: () => {
          clearTimeout(timer)
          resolve(true)
        },
      }
      this.#waiting.add(one)
    })
  }

  /** The work is done; those whose turn has come begin. */
  end(): void {
    this.#working -= 1
    for (const one of this.#waiting) {
      if (!this.#isFree()) return
      this.#waiting.delete(one)
      this.#working += 1
      one.begin()
    }
  }

  #isFree(): boolean {
    const max = this.#atOnceMax()
    return max <= 0 || this.#working < max
  }
}
