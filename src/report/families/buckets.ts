import type { Histogram } from '../../metrics/index.ts'

const usPerSecond = 1e6

/**
 * Values per classic bucket, not cumulative: up to each bound (itself included), and above the
 * last. A value within 0.1 % of a bound may count on its other side; the total is exact.
 */
export function bucketCounts(histogram: Histogram, boundsSeconds: readonly number[]): number[] {
  const counts = new Array<number>(boundsSeconds.length + 1).fill(0)
  let at = 0
  for (const { valueUs, count } of histogram.buckets()) {
    while (at < boundsSeconds.length && valueUs > boundsSeconds[at]! * usPerSecond) at += 1
    counts[at]! += count
  }
  return counts
}

/** Buckets per factor of two: 2^5. Each is 2.2 % wide. */
export const exponentialScale = 5
/** Durations of up to 1 µs are "zero". */
export const zeroThresholdSeconds = 1e-6

export interface ExponentialBuckets {
  /** Values of at most `zeroThresholdSeconds`. */
  readonly zeroCount: number
  /**
   * Count by index, ascending. Bucket i holds values in (2^(i/32), 2^((i+1)/32)] seconds, as
   * OpenTelemetry numbers them; Prometheus goes by the upper bound, which is one higher.
   */
  readonly counts: readonly (readonly [index: number, count: number])[]
}

/**
 * The same histogram in exponential buckets (Prometheus calls them native). A value is at most
 * 0.1 % off before it finds its bucket, so near a bound it may be in the neighbour.
 */
export function exponentialBuckets(histogram: Histogram): ExponentialBuckets {
  let zeroCount = 0
  const counts: [number, number][] = []
  for (const { valueUs, count } of histogram.buckets()) {
    if (valueUs <= zeroThresholdSeconds * usPerSecond) {
      zeroCount += count
      continue
    }
    const index = Math.ceil(Math.log2(valueUs / usPerSecond) * 2 ** exponentialScale) - 1
    const last = counts.at(-1)
    if (last?.[0] === index) last[1] += count
    else counts.push([index, count])
  }
  return { zeroCount, counts }
}
