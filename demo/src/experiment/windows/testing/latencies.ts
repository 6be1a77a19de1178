import { bucketsPerOctave, type Latency } from '../latency.ts'

/** Durations as they are counted, µs; by logarithms, not by the bits of a float as the product. */
export function latencyOf(valuesUs: readonly number[]): Latency {
  const buckets = new Map<number, number>()
  const exact = valuesUs.map(us => Math.round(us * 64) / 64)
  for (const us of exact) {
    const octave = Math.floor(Math.log2(Math.max(1, us)))
    const part = Math.round((Math.max(1, us) / 2 ** octave - 1) * bucketsPerOctave)
    const bucket = octave * bucketsPerOctave + part
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
  }
  return {
    count: exact.length,
    minUs: Math.min(...exact),
    maxUs: Math.max(...exact),
    sumUs: exact.reduce((sum, us) => sum + us, 0),
    buckets,
  }
}
