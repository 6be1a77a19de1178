import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Value } from './encode-values.ts'
import {
  bucketSeries,
  decodeCounts,
  encodeCounts,
  groupHistograms,
  type EncodedCounts,
  type Series,
} from './histograms.ts'

const bucket = (le: string, values: readonly Value[]): Series => ({
  ...{ name: 'd_bucket', labels: { route: '/', le }, values },
})

describe('groupHistograms', () => {
  test('takes the buckets of a histogram together, each with its own counts', () => {
    const all = [
      bucket('+Inf', [4, undefined, 9]),
      bucket('0.1', [1, undefined, 2]),
      bucket('1', [1, undefined, 7]),
      { name: 'd_sum', labels: { route: '/' }, values: [1, undefined, 2] },
    ]
    const { plain, histograms } = groupHistograms(all)
    expect(plain.map(({ name }) => name)).toEqual(['d_sum'])
    expect(histograms).toEqual([
      {
        name: 'd_bucket',
        labels: { route: '/' },
        bounds: ['0.1', '1', '+Inf'],
        counts: [
          [1, undefined, 2],
          [0, undefined, 5],
          [3, undefined, 2],
        ],
      },
    ])
  })

  test.each([
    ['without +Inf', [bucket('1', [1])]],
    ['whose counts fall', [bucket('1', [2]), bucket('+Inf', [1])]],
    ['with a gap in one bucket', [bucket('1', [undefined]), bucket('+Inf', [1])]],
    ['with a bound twice', [bucket('1', [1]), bucket('1.0', [1]), bucket('+Inf', [1])]],
    ['with a bound that is no number', [bucket('x', [1]), bucket('+Inf', [1])]],
    ['with NaN', [bucket('1', [NaN]), bucket('+Inf', [1])]],
  ])('what is no histogram stays as it is: one %s', (_, all) => {
    expect(groupHistograms(all)).toEqual({ plain: all, histograms: [] })
  })

  const anyTimes = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 })
  const anyHistogram = fc
    .tuple(
      fc.uniqueArray(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { maxLength: 6 }),
      anyTimes,
      fc.array(fc.oneof(fc.constant(0), fc.nat(1_000)), { minLength: 56, maxLength: 56 }),
    )
    .map(([bounds, times, counts]) => {
      const sums = times.map(() => 0)
      const les = [...bounds.sort((one, other) => one - other).map(String), '+Inf']
      return les.map((le, index) =>
        bucket(
          le,
          times.map((isThere, at) => {
            if (!isThere) return undefined
            sums[at] = (sums[at] ?? 0) + counts[index * times.length + at]!
            return sums[at]
          }),
        ),
      )
    })

  test('any histogram comes back through JSON', () => {
    fc.assert(
      fc.property(anyHistogram, all => {
        const { histograms, plain } = groupHistograms(all)
        // 0 and -0 are the same bound.
        if (plain.length > 0) return
        const [histogram] = histograms
        const text = JSON.stringify(encodeCounts(histogram!))
        const times = all[0]!.values.length
        const counts = decodeCounts(JSON.parse(text) as EncodedCounts, {
          ...{ bounds: histogram!.bounds.length, times },
        })
        expect(bucketSeries({ ...histogram!, counts })).toEqual(all)
      }),
    )
  })

  test('buckets that never held anything are not written', () => {
    const all = ['1', '2', '3', '+Inf'].map((le, at) => bucket(le, at < 2 ? [0, 0] : [5, 6]))
    const [histogram] = groupHistograms(all).histograms
    expect(encodeCounts(histogram!)).toEqual([
      [2, [0, 5, 1]],
      [3, 0],
    ])
  })
})
