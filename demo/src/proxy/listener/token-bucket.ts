/**
 * Lets so many requests a second through, in bursts of what one second allows. Source: Envoy,
 * "Local rate limit": there tokens come at intervals, here all the time.
 */
export class TokenBucket {
  readonly #nowMs: () => number
  #perSecond = 0
  #tokens = 0
  #filledAtMs = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** 0: no limit. A change of the limit starts with a full bucket. */
  set perSecond(perSecond: number) {
    if (perSecond === this.#perSecond) return
    this.#perSecond = perSecond
    this.#tokens = Math.max(1, perSecond)
    this.#filledAtMs = this.#nowMs()
  }

  get enabled(): boolean {
    return this.#perSecond > 0
  }

  /** Takes a token; false when there is none. */
  take(): boolean {
    if (!this.enabled) return true
    const nowMs = this.#nowMs()
    const comeMs = nowMs - this.#filledAtMs
    // Below one request a second the bucket still holds a whole token.
    const size = Math.max(1, this.#perSecond)
    this.#tokens = Math.min(size, this.#tokens + (comeMs / 1_000) * this.#perSecond)
    this.#filledAtMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
