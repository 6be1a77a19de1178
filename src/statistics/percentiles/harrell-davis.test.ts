import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { harrellDavis, percentileWithError, type Bucket } from './harrell-davis.ts'

const single = (values: readonly number[]): Bucket[] =>
  [...values].sort((a, b) => a - b).map(valueUs => ({ valueUs, count: 1 }))

describe('the Harrell-Davis percentile', () => {
  test('by hand: the median of 1, 2, 6 has weights 7, 13 and 7 of 27', () => {
    // Beta(2, 2) is x^2 (3 - 2 x): 7/27 at 1/3, 20/27 at 2/3.
    expect(harrellDavis(single([1, 2, 6]), 50)).toBeCloseTo((7 + 26 + 42) / 27, 12)
  })

  test('of one value is that value, of none nothing', () => {
    for (const percent of [1, 50, 99, 99.9]) {
      expect(harrellDavis(single([7]), percent)).toBeCloseTo(7, 9)
    }
    expect(percentileWithError([], 50)).toEqual({ valueUs: NaN, errorUs: NaN })
  })

  test('is the same for equal values in one bucket or in many', () => {
    const value = fc.integer({ min: 1, max: 9 })
    const percent = fc.constantFrom(10, 50, 95, 99, 99.9)
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), percent, (values, p) => {
        const counts = Map.groupBy(
          values.sort((a, b) => a - b),
          one => one,
        )
        const buckets = [...counts].map(([valueUs, all]) => ({ valueUs, count: all.length }))
        expect(harrellDavis(buckets, p)).toBeCloseTo(harrellDavis(single(values), p), 9)
      }),
    )
  })

  test('at p99 has the weights of the densest part of the Beta density, by integration', () => {
    const count = 200
    const values = Array.from({ length: count }, (_, i) => i * i)
    expect(harrellDavis(single(values), 99)).toBeCloseTo(byIntegration(values, 0.99), 1)
  })

  test('near the true percentile for many values', () => {
    const random = seededRandom(8, 'many')
    const values = Array.from({ length: 50_000 }, () => random.exponential(1000))
    for (const percent of [50, 90, 99, 99.9]) {
      const expected = -1000 * Math.log(1 - percent / 100)
      expect(harrellDavis(single(values), percent) / expected).toBeCloseTo(1, 1)
    }
  })
})

describe('the Maritz-Jarrett error', () => {
  test('is what the percentile varies by from sample to sample', () => {
    const random = seededRandom(9, 'samples')
    for (const percent of [50, 95]) {
      const found = Array.from({ length: 400 }, () =>
        percentileWithError(
          single(Array.from({ length: 400 }, () => random.exponential(1))),
          percent,
        ),
      )
      const mean = found.reduce((sum, one) => sum + one.valueUs, 0) / found.length
      const squares = found.reduce((sum, one) => sum + (one.valueUs - mean) ** 2, 0)
      const said = found.reduce((sum, one) => sum + one.errorUs, 0) / found.length
      const ratio = said / Math.sqrt(squares / found.length)
      expect(ratio).toBeGreaterThan(0.85)
      expect(ratio).toBeLessThan(1.15)
    }
  })

  test('grows as the root of how alike neighbours are', () => {
    const random = seededRandom(10, 'alike')
    const values = single(Array.from({ length: 10_000 }, () => random.exponential(1)))
    const alone = percentileWithError(values, 50).errorUs
    expect(percentileWithError(values, 50, 2500).errorUs / alone).toBeCloseTo(2, 1)
  })
})

/** Trimmed Harrell-Davis on a grid: the densest window of width 1 / sqrt(n) by trying all. */
function byIntegration(values: readonly number[], share: number): number {
  const n = values.length
  const cells = 200_000
  const a = (n + 1) * share
  const b = (n + 1) * (1 - share)
  const density = Float64Array.from({ length: cells }, (_, i) => {
    const x = (i + 0.5) / cells
    return Math.exp((a - 1) * Math.log(x / share) + (b - 1) * Math.log((1 - x) / (1 - share)))
  })
  const width = Math.round(cells / Math.sqrt(n))
  let inside = density.subarray(0, width).reduce((sum, one) => sum + one, 0)
  let best = { start: 0, inside }
  for (let start = 1; start + width <= cells; start++) {
    inside += density[start + width - 1]! - density[start - 1]!
    if (inside > best.inside) best = { start, inside }
  }
  let sum = 0
  for (let i = best.start; i < best.start + width; i++) {
    sum += density[i]! * values[Math.floor((i / cells) * n)]!
  }
  return sum / best.inside
}
