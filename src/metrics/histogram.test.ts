import * as hdr from 'hdr-histogram-js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InternalError } from '../base/index.ts'
import { Histogram } from './histogram.ts'

const hourUs = 3_600_000_000
const maxError = 0.001

/** Spread over the octaves, so that small and large values are drawn alike. */
const anyValueUs = fc
  .tuple(fc.double({ min: 0, max: 31.7, noNaN: true }), fc.boolean())
  .map(([exponent, whole]) => (whole ? Math.round(2 ** exponent) : 2 ** exponent))
  .filter(us => us <= hourUs)
const manyValuesUs = fc.array(anyValueUs, { minLength: 1, maxLength: 300 })
const anyPercent = fc.oneof(
  fc.constantFrom(0, 50, 75, 90, 95, 99, 99.9, 99.99, 100),
  fc.double({ min: 0, max: 100, noNaN: true }),
)

/** The second method: sort, then take the nearest rank. */
function nearestRank(valuesUs: readonly number[], percent: number): number {
  const sorted = [...valuesUs].sort((a, b) => a - b)
  const rank = Math.max(1, Math.ceil(((percent * sorted.length) / 100) * (1 - 1e-12)))
  return sorted[Math.min(rank, sorted.length) - 1]!
}

function expectClose(measured: number, exact: number): void {
  // One step of 1/64 µs on top, because values are kept in such steps.
  expect(Math.abs(measured - exact)).toBeLessThanOrEqual(exact * maxError + 1 / 64)
}

const contentOf = (histogram: Histogram) => ({
  count: histogram.count,
  sum: histogram.sumUs,
  min: histogram.minUs,
  max: histogram.maxUs,
  buckets: [...histogram.buckets()],
})

describe('Histogram', () => {
  test('an empty histogram has no minimum, mean or percentile', () => {
    const empty = new Histogram()
    expect(empty.count).toBe(0)
    expect(empty.sumUs).toBe(0)
    expect([empty.minUs, empty.maxUs, empty.meanUs, empty.percentileUs(50)]).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
    ])
    expect([...empty.buckets()]).toEqual([])
  })

  test('percentiles of 1..1000 µs are exact and follow the nearest rank', () => {
    const histogram = Histogram.of(Array.from({ length: 1000 }, (_, i) => i + 1))
    const percentiles = [0, 0.1, 50, 90, 99, 99.9, 99.95, 100].map(p => histogram.percentileUs(p))
    expect(percentiles).toEqual([1, 1, 500, 900, 990, 999, 1000, 1000])
    expect(histogram.meanUs).toBe(500.5)
  })

  test('a single value is every percentile, exactly', () => {
    const histogram = Histogram.of([123_456.5])
    expect([0, 50, 99.9, 100].map(p => histogram.percentileUs(p))).toEqual(Array(4).fill(123_456.5))
  })

  test('every percentile is within 0.1 % of the sorted list', () => {
    fc.assert(
      fc.property(manyValuesUs, anyPercent, (valuesUs, percent) => {
        const measured = Histogram.of(valuesUs).percentileUs(percent)
        expectClose(measured, nearestRank(valuesUs, percent))
      }),
    )
  })

  test('one value alone in the middle is within 0.1 %, from 1 µs to 1 hour', () => {
    fc.assert(
      fc.property(anyValueUs, us => {
        const histogram = Histogram.of([0, us, 2 * hourUs])
        expectClose(histogram.percentileUs(50), us)
      }),
    )
  })

  test('the bound holds at every octave, at both edges and between two buckets', () => {
    for (let octave = 0; octave < 31; octave++) {
      for (const part of [1, 1 + 1 / 1024, 1 + 1 / 1024 + 1e-9, 1.5, 2 - 1 / 1024, 2 - 1e-9]) {
        const us = part * 2 ** octave
        expectClose(Histogram.of([0, us, 2 * hourUs]).percentileUs(50), us)
      }
    }
  })

  test('agrees with hdr-histogram-js within the precision of the two', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: hourUs }), { minLength: 1, maxLength: 300 }),
        fc.constantFrom(1, 10, 50, 75, 90, 99, 100),
        (valuesUs, percent) => {
          const theirs = hdr.build({
            lowestDiscernibleValue: 1,
            highestTrackableValue: hourUs,
            numberOfSignificantValueDigits: 5,
          })
          for (const us of valuesUs) theirs.recordValue(us)
          // hdr rounds the rank half up where nearest rank rounds up: compare at equal ranks.
          const rank = Math.ceil((percent * valuesUs.length) / 100 - 1e-9)
          const sameRank = (100 * rank) / valuesUs.length
          const expected = theirs.getValueAtPercentile(sameRank)
          const measured = Histogram.of(valuesUs).percentileUs(percent)
          expect(Math.abs(measured - expected)).toBeLessThanOrEqual(expected * 0.00102 + 1)
        },
      ),
    )
  })

  test('merging equals recording everything, in any order and grouping', () => {
    fc.assert(
      fc.property(manyValuesUs, manyValuesUs, manyValuesUs, (a, b, c) => {
        const all = contentOf(Histogram.of([...a, ...b, ...c]))
        const [one, two, three] = [Histogram.of(a), Histogram.of(b), Histogram.of(c)]
        const left = Histogram.merged([Histogram.merged([one, two]), three])
        const right = Histogram.merged([three, Histogram.merged([two, one])])
        expect(contentOf(left)).toEqual(all)
        expect(contentOf(right)).toEqual(all)
        expect(contentOf(one)).toEqual(contentOf(Histogram.of(a)))
      }),
    )
  })

  test('merging an empty histogram changes nothing', () => {
    const histogram = Histogram.of([10, 20])
    histogram.merge(new Histogram())
    expect(contentOf(histogram)).toEqual(contentOf(Histogram.of([10, 20])))
  })

  test('packed says the same, to the bit, and does not change with it', () => {
    fc.assert(
      fc.property(fc.array(anyValueUs, { maxLength: 300 }), anyPercent, (valuesUs, percent) => {
        const histogram = Histogram.of(valuesUs)
        const packed = histogram.packed()
        const buckets = [...histogram.buckets()]
        const expected = [histogram.count, buckets, histogram.percentileUs(percent)]
        histogram.record(7)
        expect([packed.count, packed.buckets(), packed.percentileUs(percent)]).toEqual(expected)
        for (const limit of [-1, 8, ...buckets.map(({ valueUs }) => valueUs)]) {
          const above = buckets.filter(({ valueUs }) => valueUs > limit)
          expect(packed.countAbove(limit)).toBe(above.reduce((sum, one) => sum + one.count, 0))
        }
      }),
    )
  })

  test('the head of an encoded one is its count and its sum', () => {
    fc.assert(
      fc.property(fc.array(anyValueUs, { maxLength: 300 }), valuesUs => {
        const histogram = Histogram.of(valuesUs)
        const { count, sumUs } = histogram
        expect(Histogram.headOf(histogram.encode())).toEqual({ count, sumUs })
      }),
    )
  })

  test('encode and decode are inverse', () => {
    fc.assert(
      fc.property(fc.array(anyValueUs, { maxLength: 300 }), valuesUs => {
        const histogram = Histogram.of(valuesUs)
        expect(contentOf(Histogram.decode(histogram.encode()))).toEqual(contentOf(histogram))
      }),
    )
  })

  test('counts beyond 32 bits survive merging and encoding', () => {
    let histogram = Histogram.of([1000])
    for (let doubling = 0; doubling < 34; doubling++) {
      histogram = Histogram.merged([histogram, histogram])
    }
    expect(histogram.count).toBe(2 ** 34)
    expect(Histogram.decode(histogram.encode()).sumUs).toBe(2 ** 34 * 1000)
  })

  test('an empty histogram takes two bytes, a hundred equal values less than twenty', () => {
    expect(new Histogram().encode().length).toBe(2)
    expect(Histogram.of(Array(100).fill(5000)).encode().length).toBeLessThan(20)
  })

  test('cleared is as good as new', () => {
    const histogram = Histogram.of([5, 5000, 5_000_000])
    histogram.clear()
    expect(contentOf(histogram)).toEqual(contentOf(new Histogram()))
    histogram.record(7)
    expect(contentOf(histogram)).toEqual(contentOf(Histogram.of([7])))
  })

  test('values outside 1 µs to 1 hour count at the edge; min and max stay exact', () => {
    const histogram = Histogram.of([-5, 0.25, 10, 2 * hourUs, 3 * hourUs])
    expect(histogram.minUs).toBe(0)
    expect(histogram.maxUs).toBe(3 * hourUs)
    expect(histogram.percentileUs(40)).toBe(1)
    expectClose(histogram.percentileUs(80), hourUs)
    expect(Histogram.of([Number.MAX_VALUE]).maxUs).toBe(2 ** 40)
  })

  test('NaN and infinity are bugs and throw', () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      expect(() => new Histogram().record(value)).toThrow(InternalError)
    }
  })

  test('garbled bytes throw instead of giving wrong numbers', () => {
    const bytes = Histogram.of([5, 50, 500]).encode()
    for (const cut of [0, 1, 3, bytes.length - 1]) {
      expect(() => Histogram.decode(bytes.slice(0, cut))).toThrow(InternalError)
    }
    expect(() => Histogram.decode(Uint8Array.of(9, 0))).toThrow(/unknown version/)
    expect(() => Histogram.decode(new Uint8Array(12).fill(255))).toThrow(InternalError)
  })
})
