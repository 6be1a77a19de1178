import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bucketUs,
  decodeLatency,
  encodeLatency,
  mergeLatencies,
  noLatency,
  percentileUs,
} from './latency.ts'
import { latencyOf } from './testing/latencies.ts'

const anyUs = fc.integer({ min: 1, max: 3_600_000_000 })

describe('latencies', () => {
  test('buckets are 512 an octave, at most 0.1 % from what was measured', () => {
    expect([0, 512, 768, 1024].map(bucketUs)).toEqual([1, 2, 3, 4])
    fc.assert(
      fc.property(anyUs, us => {
        const [bucket = 0] = latencyOf([us]).buckets.keys()
        expect(Math.abs(bucketUs(bucket) / us - 1)).toBeLessThanOrEqual(0.001)
      }),
    )
  })

  test('come back as they were written, through JSON', () => {
    fc.assert(
      fc.property(fc.array(anyUs), all => {
        const latency = mergeLatencies([latencyOf(all)])
        const text = JSON.stringify(encodeLatency(latency))
        expect(decodeLatency(JSON.parse(text) as number[])).toEqual(latency)
      }),
    )
    expect(encodeLatency(noLatency)).toEqual([])
  })

  test('the percentile is that of the sorted list', () => {
    fc.assert(
      fc.property(
        fc.array(anyUs, { minLength: 1 }),
        fc.integer({ min: 0, max: 100 }),
        (all, percent) => {
          const sorted = all.toSorted((one, other) => one - other)
          const rank = Math.max(1, Math.ceil((sorted.length * percent) / 100))
          const found = percentileUs(latencyOf(all), percent)!
          expect(Math.abs(found / sorted[rank - 1]! - 1)).toBeLessThanOrEqual(0.001)
        },
      ),
    )
    expect(percentileUs(noLatency, 50)).toBeUndefined()
  })

  test('what is merged is counted once, in any order', () => {
    fc.assert(
      fc.property(fc.array(anyUs), fc.array(anyUs), (one, other) => {
        const merged = mergeLatencies([latencyOf(one), latencyOf(other)])
        expect(encodeLatency(merged)).toEqual(encodeLatency(latencyOf([...other, ...one])))
      }),
    )
  })
})
