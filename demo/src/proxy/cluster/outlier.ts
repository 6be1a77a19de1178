import type { OutlierDetection } from '../contract.ts'

/** Envoy's interval and max_ejection_time. */
const intervalMs = 10_000
const ejectionMaxMs = 300_000

/**
 * What outlier detection knows of one endpoint. Source: Envoy, "Outlier detection", consecutive
 * 5xx: answers from 500 on, and failures to connect or to get an answer, which count as 503 and
 * 504. Envoy ends an ejection at its next check, every 10 s; here it ends when its time is over.
 */
export class OutlierState {
  #consecutive5xx = 0
  #ejections = 0
  #ejectedUntilMs = 0
  #backAtMs = 0

  /** Counts an answer; true when this one makes the endpoint an outlier. */
  count(status: number, policy: OutlierDetection): boolean {
    if (status < 500) {
      this.#consecutive5xx = 0
      return false
    }
    this.#consecutive5xx += 1
    // Every further one asks again: an ejection may have been refused because of others.
    return policy.consecutive5xx > 0 && this.#consecutive5xx >= policy.consecutive5xx
  }

  /**
   * Ejects for as many times `baseEjectionMs` as the endpoint was ejected before, plus one, at
   * most 300 s. Every 10 s in service since the last time take one off.
   */
  eject(nowMs: number, policy: OutlierDetection): void {
    const forgiven = Math.floor((nowMs - this.#backAtMs) / intervalMs)
    this.#ejections = Math.max(0, this.#ejections - forgiven) + 1
    const durationMs = Math.min(
      policy.baseEjectionMs * this.#ejections,
      Math.max(ejectionMaxMs, policy.baseEjectionMs),
    )
    this.#ejectedUntilMs = nowMs + durationMs
    this.#backAtMs = this.#ejectedUntilMs
    this.#consecutive5xx = 0
  }

  isEjected(nowMs: number): boolean {
    return nowMs < this.#ejectedUntilMs
  }
}
