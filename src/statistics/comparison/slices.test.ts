import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from '../../metrics/index.ts'
import { slicesOf } from './slices.ts'

const second = fc.record({
  failures: fc.nat(3),
  valuesUs: fc.array(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 20 }),
})

test('any stretch of histograms is the histogram of its values', () => {
  fc.assert(
    fc.property(
      fc.array(second, { minLength: 1, maxLength: 12 }),
      fc.nat(),
      fc.nat(),
      (run, a, b) => {
        const source = slicesOf(
          run.map(({ failures, valuesUs }) => ({ failures, latency: Histogram.of(valuesUs) })),
          histograms => Histogram.merged(histograms),
        )
        const from = Math.min(a % run.length, b % run.length)
        const to = Math.max(a % run.length, b % run.length) + 1
        const part = run.slice(from, to)
        const all = Histogram.of(part.flatMap(({ valuesUs }) => valuesUs))
        const merged = source.merged(from, to)
        expect(source.seconds).toBe(run.length)
        expect(merged.count).toBe(all.count)
        expect(merged.failures).toBe(part.reduce((sum, { failures }) => sum + failures, 0))
        expect(merged.meanUs).toBe(all.meanUs)
        expect(merged.percentileUs(95)).toBe(all.percentileUs(95))
        expect([...merged.buckets()]).toEqual([...all.buckets()])
      },
    ),
  )
})
