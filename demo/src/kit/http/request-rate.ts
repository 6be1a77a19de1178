/** A token bucket that holds one second's worth of requests. */
export class RequestRate {
  readonly #perSecondMax: () => number
  #tokens = Number.POSITIVE_INFINITY
  #atMs = Number.NEGATIVE_INFINITY

  /** `perSecondMax` is asked for each request; 0 is no limit. */
  constructor(options: { readonly perSecondMax: () => number }) {
    this.#perSecondMax = options.perSecondMax
  }

  /** Takes a token and returns 0, or returns the seconds until there is one. */
  waitS(nowMs: number): number {
    const perSecond = this.#perSecondMax()
    const gained = (Math.max(0, nowMs - this.#atMs) / 1_000) * perSecond
    this.#atMs = nowMs
    if (perSecond <= 0) {
      this.#tokens = Number.POSITIVE_INFINITY
      return 0
    }
    // A rate below one a second still lets one request through at a time.
    this.#tokens = Math.min(Math.max(1, perSecond), this.#tokens + gained)
    if (this.#tokens < 1) return (1 - this.#tokens) / perSecond
    this.#tokens -= 1
    return 0
  }
}
