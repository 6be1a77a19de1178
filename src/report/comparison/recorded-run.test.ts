import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from '../../metrics/index.ts'
import { recordedRun } from '../testing/compared-runs.ts'
import { comparedRunOf } from './recorded-run.ts'

const values = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 20 })
/** Latencies of a second, µs; null for one that nobody delivered. */
const second = fc.option(fc.record({ ok: values, failed: values }))
type Second = { readonly ok: number[]; readonly failed: number[] } | null

const name = 'GET /'
const run = recordedRun({ seconds: 1, meansUs: { [name]: 1000 } })
const [plainSecond] = run.seconds
const [plainSeries] = plainSecond!.series

function recordedOf(seconds: readonly Second[]) {
  return {
    ...run,
    seconds: seconds.flatMap((one, index) => {
      if (one === null) return []
      const series = (['ok', 'failed'] as const).map(outcome => {
        const latency = Histogram.of(one[outcome])
        return { ...plainSeries!, outcome, count: latency.count, latency: latency.encode() }
      })
      return [{ ...plainSecond!, index, series }]
    }),
  }
}

test('any stretch of a recorded run is the histogram of its values', () => {
  fc.assert(
    fc.property(
      fc.array(second, { minLength: 1, maxLength: 12 }).filter(run => run.at(-1) !== null),
      fc.nat(),
      fc.nat(),
      (seconds, a, b) => {
        const { overall, names } = comparedRunOf(recordedOf(seconds))
        const from = Math.min(a % seconds.length, b % seconds.length)
        const to = Math.max(a % seconds.length, b % seconds.length) + 1
        const part = seconds.slice(from, to).filter(one => one !== null)
        const all = Histogram.of(part.flatMap(({ ok, failed }) => [...ok, ...failed]))
        for (const source of [overall, names.get(name)!]) {
          const merged = source.merged(from, to)
          expect(source.seconds).toBe(seconds.length)
          expect([merged.count, merged.meanUs]).toEqual([all.count, all.meanUs])
          expect(merged.failures).toBe(part.flatMap(({ failed }) => failed).length)
          const of = [1, 50, 95, 99].map(percent => merged.percentileUs(percent))
          expect(of).toEqual([1, 50, 95, 99].map(percent => all.percentileUs(percent)))
          expect(merged.buckets()).toEqual([...all.buckets()])
        }
      },
    ),
  )
})
