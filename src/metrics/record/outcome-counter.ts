import { Histogram } from '../histogram.ts'
import type { Outcome, Sample, SeriesKind } from '../sample.ts'
import type { SeriesWindow } from '../window.ts'
import { FailureCounts } from './failure-counts.ts'

export interface SeriesIdentity {
  readonly kind: SeriesKind
  readonly scenario: string
  readonly name: string
}

/** What one series counts in one window for one outcome. Cleared and used again every second. */
export class OutcomeCounter {
  readonly #outcome: Outcome
  readonly #latency = new Histogram()
  readonly #serviceTime = new Histogram()
  readonly #failures = new FailureCounts()
  // Two short parallel lists: a series answers with one or two statuses, and a Map costs more.
  readonly #statuses: number[] = []
  readonly #statusCounts: number[] = []
  #bytesIn = 0
  #bytesOut = 0
  #retries = 0

  constructor(outcome: Outcome) {
    this.#outcome = outcome
  }

  get count(): number {
    return this.#latency.count
  }

  record(sample: Sample): void {
    this.#latency.record(sample.endedAtUs - sample.intendedAtUs)
    this.#serviceTime.record(sample.endedAtUs - sample.startedAtUs)
    this.#bytesIn += sample.bytesIn
    this.#bytesOut += sample.bytesOut
    this.#countStatus(sample.status)
    if (sample.failure !== undefined) {
      const atUs = sample.endedAtUs
      this.#failures.add(sample.failure, 1, { firstAtUs: atUs, lastAtUs: atUs })
    }
  }

  /** Belongs to the sample that was recorded last. */
  retried(times: number): void {
    this.#retries += times
  }

  /** The window's figures as plain data; the counter starts again at zero. */
  take(identity: SeriesIdentity): SeriesWindow {
    const taken = {
      ...identity,
      outcome: this.#outcome,
      count: this.#latency.count,
      latency: this.#latency.encode(),
      serviceTime: this.#serviceTime.encode(),
      statuses: this.#statusRecord(identity.kind),
      failures: this.#failures.list(),
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      retries: this.#retries,
    }
    this.#clear()
    return taken
  }

  #countStatus(status: number): void {
    for (let i = 0; i < this.#statuses.length; i++) {
      if (this.#statuses[i] === status) {
        this.#statusCounts[i]! += 1
        return
      }
    }
    this.#statuses.push(status)
    this.#statusCounts.push(1)
  }

  /** Only exchanges have a status: steps and polls report none. */
  #statusRecord(kind: SeriesKind): Record<string, number> {
    if (kind !== 'request') return {}
    return Object.fromEntries(this.#statuses.map((status, i) => [status, this.#statusCounts[i]!]))
  }

  #clear(): void {
    this.#latency.clear()
    this.#serviceTime.clear()
    this.#failures.clear()
    this.#statuses.length = 0
    this.#statusCounts.length = 0
    this.#bytesIn = 0
    this.#bytesOut = 0
    this.#retries = 0
  }
}
