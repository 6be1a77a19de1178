/** So many wait at most, beside the one that is at work. */
const waitingMost = 4

interface Waiting {
  readonly begin: () => void
}

/** Work that is done one after another, in the order in which it was asked for. */
export class Turns {
  readonly #waiting: Waiting[] = []
  readonly #closing = new AbortController()
  readonly #all = new Set<Promise<unknown>>()
  #busy = false

  /** No more can wait: ask before `take`. */
  get full(): boolean {
    return this.#waiting.length >= waitingMost
  }

  /**
   * Does the work when it is its turn. Whoever's `wanted` fires while waiting loses the turn, and
   * this rejects with its reason; later the work itself is told, by the signal it is given.
   */
  take<T>(wanted: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.any([wanted, this.#closing.signal])
    const taken = this.#taken(signal, work)
    this.#all.add(taken)
    const forget = () => this.#all.delete(taken)
    taken.then(forget, forget)
    return taken
  }

  /** Ends all work; resolves when none is under way. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#all)
  }

  async #taken<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    await this.#turn(signal)
    try {
      return await work(signal)
    } finally {
      const next = this.#waiting.shift()
      // Handed on without a gap, into which a newcomer could step.
      if (next === undefined) this.#busy = false
      else next.begin()
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#busy) return this.#until(signal)
    this.#busy = true
  }

  #until(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(one), 1)
        reject(signal.reason as Error)
      }
      const begin = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const one: Waiting = { begin }
      this.#waiting.push(one)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
