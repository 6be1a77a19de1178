import type { Slice, SliceSource } from '../comparison/slices.ts'
import type { Bucket } from '../percentiles/harrell-davis.ts'
import type { QueueRun } from './queue.ts'

/** Buckets of half a per cent. */
const bucketLog = Math.log(1.005)

/** A simulated run as the comparison reads it. Percentiles are exact, buckets are not. */
export function queueSource(run: QueueRun): SliceSource {
  const { latenciesUs, secondStarts, failAboveUs } = run
  const buckets = Uint16Array.from(latenciesUs, us => Math.max(0, Math.log(us) / bucketLog + 0.5))
  const known = new Map<string, Slice>()
  return {
    seconds: secondStarts.length - 1,
    merged(fromSecond, toSecond) {
      const key = `${fromSecond}-${toSecond}`
      const kept = known.get(key)
      if (kept !== undefined) return kept
      const from = secondStarts[fromSecond]!
      const to = secondStarts[toSecond]!
      const values = latenciesUs.subarray(from, to)
      const slice = sliceOf(values, buckets.subarray(from, to), failAboveUs)
      known.set(key, slice)
      return slice
    },
  }
}

function sliceOf(latenciesUs: Float64Array, buckets: Uint16Array, failAboveUs: number): Slice {
  const count = latenciesUs.length
  let failures = 0
  let sumUs = 0
  for (let i = 0; i < count; i++) {
    if (latenciesUs[i]! > failAboveUs) failures += 1
    sumUs += latenciesUs[i]!
  }
  let sorted: Float64Array | undefined
  let counted: Bucket[] | undefined
  const ofAll = () => (counted ??= bucketsOf(buckets))
  return {
    count,
    failures,
    meanUs: sumUs / count,
    percentileUs(percent) {
      sorted ??= Float64Array.from(latenciesUs).sort()
      return sorted[Math.max(0, Math.ceil((percent / 100) * count) - 1)] ?? NaN
    },
    countAbove: valueUs =>
      ofAll().reduce((sum, one) => sum + (one.valueUs > valueUs ? one.count : 0), 0),
    buckets: ofAll,
  }
}

function bucketsOf(indexes: Uint16Array): Bucket[] {
  const counts = new Int32Array(8192)
  for (let i = 0; i < indexes.length; i++) counts[indexes[i]!]! += 1
  const buckets: Bucket[] = []
  counts.forEach((count, index) => {
    if (count > 0) buckets.push({ valueUs: Math.exp(index * bucketLog), count })
  })
  return buckets
}
