import { expect, test } from 'vitest'
import { correlatedSeries } from '../testing/series.ts'
import { driftOf } from './drift.ts'

test('a line in noise is found with its interval', () => {
  const values = correlatedSeries(300, 0.5, 'line').map((noise, i) => (0.5 * i) / 299 + 0.1 * noise)
  const drift = driftOf(values)
  expect(drift.total).toBeCloseTo(0.5, 1)
  expect(drift.low).toBeGreaterThan(0.3)
  expect(drift.high).toBeLessThan(0.7)
})

test('correlated series without a drift rarely seem to have one', () => {
  const drifts = Array.from({ length: 200 }, (_, i) =>
    driftOf(correlatedSeries(300, 0.7, `level ${i}`)),
  )
  expect(drifts.filter(({ low, high }) => low > 0 || high < 0).length).toBeLessThanOrEqual(8)
})

test('of too few values nothing is known', () => {
  expect(driftOf(Float64Array.of(1, 2, 3))).toEqual({ total: 0, low: -Infinity, high: Infinity })
})
