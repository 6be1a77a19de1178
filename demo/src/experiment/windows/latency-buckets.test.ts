import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bucketOf,
  bucketUs,
  decodeBuckets,
  encodeBuckets,
  mergeBuckets,
  percentileUs,
} from './latency-buckets.ts'

const anyUs = fc.integer({ min: 1, max: 3_600_000_000 })
const anyBuckets = fc
  .array(fc.tuple(fc.nat(2_300), fc.integer({ min: 1, max: 1e6 })))
  .map(entries => new Map(entries))
const bucketsOf = (all: readonly number[]) =>
  mergeBuckets(all.map(us => new Map([[bucketOf(us), 1]])))

describe('latency buckets', () => {
  test('are at most half a percent from what was measured', () => {
    fc.assert(
      fc.property(anyUs, us => {
        expect(Math.abs(bucketUs(bucketOf(us)) / us - 1)).toBeLessThanOrEqual(0.005)
      }),
    )
  })

  test('come back as they were written', () => {
    fc.assert(
      fc.property(anyBuckets, buckets => {
        const decoded = decodeBuckets(encodeBuckets(buckets))
        const sorted = [...buckets].sort(([one], [other]) => one - other)
        expect([...decoded]).toEqual(sorted)
      }),
    )
  })

  test('the percentile is that of the sorted list', () => {
    fc.assert(
      fc.property(
        fc.array(anyUs, { minLength: 1 }),
        fc.integer({ min: 1, max: 100 }),
        (all, percent) => {
          const sorted = [...all].sort((one, other) => one - other)
          const expected = sorted[Math.ceil((sorted.length * percent) / 100) - 1]!
          const found = percentileUs(bucketsOf(all), percent)!
          expect(Math.abs(found / expected - 1)).toBeLessThanOrEqual(0.005)
        },
      ),
    )
  })

  test('what is merged is counted once, in any order', () => {
    fc.assert(
      fc.property(fc.array(anyUs), fc.array(anyUs), (one, other) => {
        const merged = mergeBuckets([bucketsOf(one), bucketsOf(other)])
        expect(encodeBuckets(merged)).toEqual(encodeBuckets(bucketsOf([...other, ...one])))
      }),
    )
  })

  test('without samples there is no percentile', () => {
    expect(percentileUs(new Map(), 50)).toBeUndefined()
  })
})
