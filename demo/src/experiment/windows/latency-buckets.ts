/** Bucket i stands for 1.01 to the power of i µs: at most half a percent from what was measured. */
export const bucketRatio = 1.01

/** Counts by bucket, flat: the first bucket, its count, then the difference to the last bucket. */
export type EncodedBuckets = readonly number[]

export type Buckets = ReadonlyMap<number, number>

const logRatio = Math.log(bucketRatio)

/** The bucket of a duration; below 1 µs it is bucket 0. */
export function bucketOf(us: number): number {
  return us <= 1 ? 0 : Math.round(Math.log(us) / logRatio)
}

export function bucketUs(bucket: number): number {
  return bucketRatio ** bucket
}

export function encodeBuckets(buckets: Buckets): EncodedBuckets {
  let before = 0
  return [...buckets]
    .sort(([one], [other]) => one - other)
    .flatMap(([bucket, count]) => {
      const difference = bucket - before
      before = bucket
      return [difference, count]
    })
}

export function decodeBuckets(encoded: EncodedBuckets): Map<number, number> {
  const buckets = new Map<number, number>()
  let bucket = 0
  for (let at = 0; at + 1 < encoded.length; at += 2) {
    bucket += encoded[at] ?? 0
    buckets.set(bucket, encoded[at + 1] ?? 0)
  }
  return buckets
}

/** Counts of all given ones together. */
export function mergeBuckets(all: Iterable<Buckets>): Map<number, number> {
  const merged = new Map<number, number>()
  for (const buckets of all) {
    for (const [bucket, count] of buckets) merged.set(bucket, (merged.get(bucket) ?? 0) + count)
  }
  return merged
}

/** The latency that `percent` of the samples do not exceed, µs; undefined without samples. */
export function percentileUs(buckets: Buckets, percent: number): number | undefined {
  const total = [...buckets.values()].reduce((sum, count) => sum + count, 0)
  let left = Math.max(1, Math.ceil((total * percent) / 100))
  for (const [bucket, count] of [...buckets].sort(([one], [other]) => one - other)) {
    left -= count
    if (left <= 0) return bucketUs(bucket)
  }
  return undefined
}
