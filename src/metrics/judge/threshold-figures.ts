import { Histogram } from '../histogram.ts'
import type { Threshold, ThresholdMetric } from '../threshold.ts'
import type { SeriesWindow, WindowData } from '../window.ts'
import { nameMatcher } from './name-pattern.ts'
import { isLatency } from './parse-threshold.ts'

/** Counts of the samples of one group of series. */
class Counts {
  count = 0
  failures = 0
  readonly latency = new Histogram()

  add(series: SeriesWindow, withLatency: boolean): void {
    this.count += series.count
    if (series.outcome === 'failed') this.failures += series.count
    if (withLatency) this.latency.mergeEncoded(series.latency)
  }

  clear(): void {
    this.count = 0
    this.failures = 0
    this.latency.clear()
  }
}

/**
 * What one threshold looks at, over one window or over the run. A name or glob means exchanges;
 * only when no exchange is named so does it mean steps and polls. For `drops` it names scenarios,
 * for `checks` the check or its exchange.
 */
export class ThresholdFigures {
  readonly #metric: ThresholdMetric
  readonly #matches: (name: string) => boolean
  readonly #hasPattern: boolean
  readonly #requests = new Counts()
  readonly #stepsAndPolls = new Counts()
  #drops = 0
  #passed = 0
  #failed = 0
  #scenarioSeen = false

  constructor({ metric, pattern }: Threshold) {
    this.#metric = metric
    this.#hasPattern = pattern !== undefined
    this.#matches = pattern === undefined ? () => true : nameMatcher(pattern)
  }

  add(window: WindowData): void {
    for (const series of window.series) this.#addSeries(series)
    for (const check of window.checks) {
      if (!this.#matches(check.name) && !this.#matches(check.check)) continue
      this.#passed += check.passed
      this.#failed += check.failed
    }
    for (const { scenario, drops } of window.scenarios) {
      if (!this.#matches(scenario)) continue
      this.#scenarioSeen = true
      for (const count of Object.values(drops)) this.#drops += count
    }
  }

  /** Samples the value rests on: exchanges, or checks; for drops it rests on none. */
  get sampleCount(): number {
    if (this.#metric.kind === 'checks') return this.#passed + this.#failed
    return this.#chosen().count
  }

  /** Value of the metric in the unit of the limit; undefined when there was no sample. */
  value(seconds: number): number | undefined {
    const { kind } = this.#metric
    if (kind === 'drops') {
      return seconds > 0 && (this.#scenarioSeen || !this.#hasPattern) ? this.#drops : undefined
    }
    if (this.sampleCount === 0) return undefined
    if (kind === 'checks') return this.#passed / this.sampleCount
    const { count, failures, latency } = this.#chosen()
    switch (kind) {
      case 'errors':
        return failures / count
      case 'rps':
        return seconds > 0 ? count / seconds : undefined
      case 'avg':
        return latency.meanUs
      case 'min':
        return latency.minUs
      case 'max':
        return latency.maxUs
      case 'percentile':
        return latency.percentileUs(this.#metric.percent)
    }
  }

  clear(): void {
    this.#requests.clear()
    this.#stepsAndPolls.clear()
    this.#drops = this.#passed = this.#failed = 0
    this.#scenarioSeen = false
  }

  #addSeries(series: SeriesWindow): void {
    if (!this.#matches(series.name)) return
    if (series.kind === 'request') this.#requests.add(series, isLatency(this.#metric))
    else if (this.#hasPattern) this.#stepsAndPolls.add(series, isLatency(this.#metric))
  }

  #chosen(): Counts {
    return this.#requests.count > 0 ? this.#requests : this.#stepsAndPolls
  }
}
