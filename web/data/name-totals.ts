import {
  Histogram,
  type CheckWindow,
  type FailureCount,
  type KeptSample,
  type RunSecond,
  type SeriesKind,
  type SeriesWindow,
} from '../../src/metrics/index.ts'
import { kindsOf, type FailureKinds } from './point.ts'

export type Measure = 'latency' | 'serviceTime'

const failedKeptMost = 20
const slowKeptMost = 10

/** Everything of one name in a range. */
export class NameTotal {
  readonly kind: SeriesKind
  readonly scenario: string
  readonly name: string
  readonly times = new Histogram()
  readonly kinds: FailureKinds = { client: 0, server: 0, none: 0, check: 0 }
  readonly statuses: Record<string, number> = {}
  readonly reasons = new Map<string, FailureCount>()
  readonly checks = new Map<string, CheckWindow>()
  readonly kept: KeptSample[] = []
  count = 0
  failures = 0
  bytesIn = 0
  bytesOut = 0
  retries = 0

  constructor({ kind, scenario, name }: Pick<SeriesWindow, 'kind' | 'scenario' | 'name'>) {
    this.kind = kind
    this.scenario = scenario
    this.name = name
  }

  add(series: SeriesWindow, measure: Measure): void {
    this.times.mergeEncoded(series[measure])
    this.count += series.count
    this.bytesIn += series.bytesIn
    this.bytesOut += series.bytesOut
    this.retries += series.retries
    for (const [status, count] of Object.entries(series.statuses)) {
      this.statuses[status] = (this.statuses[status] ?? 0) + count
    }
    if (series.outcome === 'failed') this.#addFailures(series)
  }

  addCheck(check: CheckWindow): void {
    const known = this.checks.get(check.check)
    this.checks.set(check.check, {
      ...check,
      passed: check.passed + (known?.passed ?? 0),
      failed: check.failed + (known?.failed ?? 0),
      firstReason: known?.firstReason || check.firstReason,
    })
  }

  /** Keeps the first failed samples and the slowest good ones. */
  keep(sample: KeptSample): void {
    const same = this.kept.filter(one => one.why === sample.why)
    if (sample.why === 'failed') {
      if (same.length < failedKeptMost) this.kept.push(sample)
      return
    }
    if (same.length < slowKeptMost) {
      this.kept.push(sample)
      return
    }
    const least = same.reduce((a, b) => (latencyUs(a) <= latencyUs(b) ? a : b))
    if (latencyUs(sample) > latencyUs(least)) this.kept[this.kept.indexOf(least)] = sample
  }

  #addFailures(series: SeriesWindow): void {
    this.failures += series.count
    const kinds = kindsOf([series])
    for (const kind of ['client', 'server', 'none', 'check'] as const) {
      this.kinds[kind] += kinds[kind]
    }
    for (const failure of series.failures) {
      const known = this.reasons.get(failure.reason)
      this.reasons.set(failure.reason, {
        reason: failure.reason,
        count: failure.count + (known?.count ?? 0),
        firstAtUs: Math.min(failure.firstAtUs, known?.firstAtUs ?? Infinity),
        lastAtUs: Math.max(failure.lastAtUs, known?.lastAtUs ?? 0),
      })
    }
  }
}

/** From the intended start to the end, µs. */
export const latencyUs = (sample: KeptSample): number => sample.endedAtUs - sample.intendedAtUs

/** Text that names a series on this page and in its address. */
export const keyOf = (one: Pick<SeriesWindow, 'kind' | 'scenario' | 'name'>): string =>
  `${one.kind}\n${one.scenario}\n${one.name}`

/** The figures of every name in a range. Grows as seconds come in. */
export class NameTotals {
  readonly measure: Measure
  readonly names = new Map<string, NameTotal>()
  seconds = 0

  constructor(measure: Measure) {
    this.measure = measure
  }

  add(second: RunSecond): void {
    this.seconds += second.seconds
    for (const series of second.series) this.#of(series).add(series, this.measure)
    for (const check of second.checks) {
      this.names.get(keyOf({ ...check, kind: 'request' }))?.addCheck(check)
    }
    for (const sample of second.kept) this.names.get(keyOf(sample))?.keep(sample)
  }

  #of(series: SeriesWindow): NameTotal {
    const key = keyOf(series)
    const known = this.names.get(key)
    if (known) return known
    const made = new NameTotal(series)
    this.names.set(key, made)
    return made
  }
}
