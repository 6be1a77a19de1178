import { expect, test } from 'vitest'
import { correlatedSeries } from '../testing/series.ts'
import { autocorrelationTime, effectiveCount } from './autocorrelation.ts'

test('is (1 + c) / (1 - c) when neighbours correlate by c', () => {
  for (const [correlation, expected] of [
    [0, 1],
    [0.5, 3],
    [0.8, 9],
  ] as const) {
    const found = autocorrelationTime(correlatedSeries(100_000, correlation, 'long'))
    expect(found / expected).toBeGreaterThan(0.93)
    expect(found / expected).toBeLessThan(1.07)
  }
})

test('is right on average for series of only 200 values', () => {
  const times = Array.from({ length: 200 }, (_, i) =>
    autocorrelationTime(correlatedSeries(200, 0.8, `short ${i}`)),
  )
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  expect(mean).toBeGreaterThan(7)
  expect(mean).toBeLessThan(12)
})

test('tells how well a mean is known', () => {
  const means = Array.from({ length: 500 }, (_, i) => {
    const series = correlatedSeries(300, 0.7, `mean ${i}`)
    return series.reduce((sum, value) => sum + value, 0) / 300
  })
  const variance = means.reduce((sum, mean) => sum + mean * mean, 0) / 500
  // A mean of n independent values of variance 1 has variance 1 / n.
  const effective = effectiveCount(correlatedSeries(100_000, 0.7, 'long')) / (100_000 / 300)
  expect(1 / variance / effective).toBeGreaterThan(0.8)
  expect(1 / variance / effective).toBeLessThan(1.25)
})

test('is never below 1, and 1 where there is nothing to tell', () => {
  expect(autocorrelationTime([1, -1, 1, -1, 1, -1, 1, -1])).toBe(1)
  expect(autocorrelationTime([5, 5, 5, 5, 5])).toBe(1)
  expect(autocorrelationTime([1, 2])).toBe(1)
  expect(effectiveCount([])).toBe(0)
})
