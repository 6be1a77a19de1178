import type { Bucket } from '../percentiles/harrell-davis.ts'

/** Some seconds of a run, merged: what is known of all exchanges that ended in them. */
export interface Slice {
  readonly count: number
  readonly failures: number
  /** NaN when count is 0, as are the percentiles. */
  readonly meanUs: number
  /** Nearest-rank percentile, 0..100, of the latency, µs. */
  percentileUs(percent: number): number
  /** Number of exchanges whose bucket stands for more than `valueUs`. */
  countAbove(valueUs: number): number
  /** Smallest value first. */
  buckets(): readonly Bucket[]
}

/** A run, or one name of it, as one-second slices from its start. */
export interface SliceSource {
  readonly seconds: number
  /** All of [fromSecond, toSecond), whole numbers within 0..seconds. */
  merged(fromSecond: number, toSecond: number): Slice
}

/** What metrics' PackedHistogram offers. */
interface LatencyHistogram {
  percentileUs(percent: number): number
  countAbove(valueUs: number): number
  buckets(): readonly Bucket[]
}

/**
 * A slice whose histogram is made when it is first asked for: of most seconds it never is. `count`
 * is that of the histogram, so whether failed exchanges are in it decides whether their latency is
 * compared, too.
 */
export function sliceOf(
  facts: Pick<Slice, 'count' | 'failures' | 'meanUs'>,
  histogram: () => LatencyHistogram,
): Slice {
  let made: LatencyHistogram | undefined
  const latency = () => (made ??= histogram())
  return {
    ...facts,
    percentileUs: percent => latency().percentileUs(percent),
    countAbove: valueUs => latency().countAbove(valueUs),
    buckets: () => latency().buckets(),
  }
}

/** The same source, which makes each slice once: for as long as one name is compared. */
export function remembering(source: SliceSource): SliceSource {
  const { seconds } = source
  const known = new Map<number, Slice>()
  return {
    seconds,
    merged(fromSecond, toSecond) {
      const key = fromSecond * (seconds + 1) + toSecond
      const slice = known.get(key) ?? source.merged(fromSecond, toSecond)
      known.set(key, slice)
      return slice
    },
  }
}
