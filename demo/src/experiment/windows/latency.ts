/**
 * Durations as they are counted by the product: 512 buckets an octave, from 1 µs to 1 hour. Bucket
 * b stands for (1 + (b mod 512) / 512) times 2 to the power of floor(b / 512) µs, at most 0.1 %
 * from what was measured. Counts of any stretches of time add up exactly, and so do percentiles.
 */
export interface Latency {
  readonly count: number
  /** Exact, in steps of 1/64 µs; Infinity and -Infinity when nothing was counted. */
  readonly minUs: number
  readonly maxUs: number
  readonly sumUs: number
  /** Counts by bucket, none of them 0. */
  readonly buckets: ReadonlyMap<number, number>
}

/**
 * The same as numbers for JSON: nothing when nothing was counted, else smallest, largest and sum in
 * steps of 1/64 µs, then the first bucket, its count, the difference to the next, its count, ...
 */
export type EncodedLatency = readonly number[]

export const bucketsPerOctave = 512
export const stepsPerUs = 64

export const noLatency: Latency = mergeLatencies([])

/** What a bucket stands for, µs. */
export function bucketUs(bucket: number): number {
  const octave = Math.floor(bucket / bucketsPerOctave)
  return (1 + (bucket % bucketsPerOctave) / bucketsPerOctave) * 2 ** octave
}

/** Counts of all given ones together. */
export function mergeLatencies(all: Iterable<Latency>): Latency {
  const buckets = new Map<number, number>()
  let [count, minUs, maxUs, sumUs] = [0, Infinity, -Infinity, 0]
  for (const one of all) {
    for (const [bucket, times] of one.buckets) {
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + times)
    }
    count += one.count
    minUs = Math.min(minUs, one.minUs)
    maxUs = Math.max(maxUs, one.maxUs)
    sumUs += one.sumUs
  }
  return { count, minUs, maxUs, sumUs, buckets }
}

/**
 * The ceil(percent/100 * count)-th smallest duration, µs, as the product's own reports have it;
 * undefined when nothing was counted.
 */
export function percentileUs(latency: Latency, percent: number): number | undefined {
  const { count, minUs, maxUs, buckets } = latency
  if (count === 0) return undefined
  const exact = (percent * count) / 100
  // The slack keeps 99.9 % of 1000 at rank 999, whatever the last bit of the product is.
  const rank = Math.ceil(exact - exact * 1e-12)
  if (rank >= count) return maxUs
  if (rank <= 1) return minUs
  let left = rank
  for (const [bucket, times] of sorted(buckets)) {
    left -= times
    if (left <= 0) return Math.min(Math.max(bucketUs(bucket), minUs), maxUs)
  }
  return maxUs
}

export function encodeLatency({ count, minUs, maxUs, sumUs, buckets }: Latency): EncodedLatency {
  if (count === 0) return []
  let before = 0
  const counts = sorted(buckets).flatMap(([bucket, times]) => {
    const difference = bucket - before
    before = bucket
    return [difference, times]
  })
  return [minUs * stepsPerUs, maxUs * stepsPerUs, sumUs * stepsPerUs, ...counts]
}

export function decodeLatency(encoded: EncodedLatency): Latency {
  if (encoded.length === 0) return noLatency
  const [min = 0, max = 0, sum = 0, ...counts] = encoded
  const buckets = new Map<number, number>()
  let [bucket, count] = [0, 0]
  for (let at = 0; at + 1 < counts.length; at += 2) {
    const times = counts[at + 1] ?? 0
    bucket += counts[at] ?? 0
    count += times
    buckets.set(bucket, times)
  }
  const [minUs, maxUs, sumUs] = [min / stepsPerUs, max / stepsPerUs, sum / stepsPerUs]
  return { count, minUs, maxUs, sumUs, buckets }
}

const sorted = (buckets: ReadonlyMap<number, number>) =>
  [...buckets].sort(([one], [other]) => one - other)
