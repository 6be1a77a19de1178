import { Histogram } from '../histogram.ts'
import { FailureCounts } from '../record/failure-counts.ts'
import type { OutcomeSummary, SeriesSummary } from '../run-summary.ts'
import type { SeriesKind } from '../sample.ts'
import type { SeriesWindow } from '../window.ts'

class OutcomeTotal implements OutcomeSummary {
  readonly latency = new Histogram()
  readonly serviceTime = new Histogram()

  get count(): number {
    return this.latency.count
  }

  add(window: SeriesWindow): void {
    this.latency.mergeEncoded(window.latency)
    this.serviceTime.mergeEncoded(window.serviceTime)
  }
}

/** One series over the measured run, all workers merged. */
export class SeriesTotal {
  readonly kind: SeriesKind
  readonly scenario: string
  readonly name: string
  readonly #ok = new OutcomeTotal()
  readonly #failed = new OutcomeTotal()
  readonly #statuses = new Map<string, number>()
  readonly #failures = new FailureCounts()
  #bytesIn = 0
  #bytesOut = 0
  #retries = 0

  constructor(identity: { kind: SeriesKind; scenario: string; name: string }) {
    this.kind = identity.kind
    this.scenario = identity.scenario
    this.name = identity.name
  }

  add(window: SeriesWindow): void {
    const outcome = window.outcome === 'ok' ? this.#ok : this.#failed
    outcome.add(window)
    for (const [status, count] of Object.entries(window.statuses)) {
      this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + count)
    }
    for (const failure of window.failures) {
      this.#failures.add(failure.reason, failure.count, failure)
    }
    this.#bytesIn += window.bytesIn
    this.#bytesOut += window.bytesOut
    this.#retries += window.retries
  }

  summary(): SeriesSummary {
    const byStatus = [...this.#statuses].sort(([a], [b]) => Number(a) - Number(b))
    return {
      kind: this.kind,
      scenario: this.scenario,
      name: this.name,
      ok: this.#ok,
      failed: this.#failed,
      statuses: Object.fromEntries(byStatus),
      failures: this.#failures.list(),
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      retries: this.#retries,
    }
  }
}
