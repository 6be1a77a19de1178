import type { Bucket } from '../percentiles/harrell-davis.ts'

/** Some seconds of a run, merged: what is known of all exchanges that ended in them. */
export interface Slice {
  readonly count: number
  readonly failures: number
  /** NaN when count is 0, as are the percentiles. */
  readonly meanUs: number
  /** Nearest-rank percentile, 0..100, of the latency, µs. */
  percentileUs(percent: number): number
  /** Smallest value first. */
  buckets(): Iterable<Bucket>
}

/** A run, or one name of it, as one-second slices from its start. */
export interface SliceSource {
  readonly seconds: number
  /** All of [fromSecond, toSecond), whole numbers within 0..seconds. */
  merged(fromSecond: number, toSecond: number): Slice
}

/** What metrics' Histogram offers, as far as it is needed here. */
export interface LatencyHistogram {
  readonly count: number
  readonly meanUs: number
  percentileUs(percent: number): number
  buckets(): Iterable<Bucket>
}

export interface HistogramSecond<H extends LatencyHistogram> {
  readonly failures: number
  readonly latency: H
}

/**
 * One histogram for each second as a SliceSource. `merge` makes a new one of several, such as
 * `Histogram.merged`; it must not change those it is given. `count` is that of the histogram, so
 * whether failed exchanges are in it decides whether their latency is compared, too.
 */
export function slicesOf<H extends LatencyHistogram>(
  seconds: readonly HistogramSecond<H>[],
  merge: (histograms: readonly H[]) => H,
): SliceSource {
  return {
    seconds: seconds.length,
    merged(fromSecond, toSecond) {
      const part = seconds.slice(fromSecond, toSecond)
      const failures = part.reduce((sum, second) => sum + second.failures, 0)
      const only = part.length === 1 ? part[0]!.latency : undefined
      const latency = only ?? merge(part.map(second => second.latency))
      return {
        count: latency.count,
        failures,
        meanUs: latency.meanUs,
        percentileUs: percent => latency.percentileUs(percent),
        buckets: () => latency.buckets(),
      }
    },
  }
}
