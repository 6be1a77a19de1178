import { expect, test } from 'vitest'
import { highestPercentile } from './highest-percentile.ts'

test('leaves 20 samples beyond: p99 of 2,000, p99.9 of 20,000, the median of 40', () => {
  expect([40, 200, 400, 2000, 20_000].map(highestPercentile)).toEqual([50, 90, 95, 99, 99.9])
})

test('is rounded down, and none below 40', () => {
  expect(highestPercentile(1999)).toBe(98.9)
  expect(highestPercentile(39.9)).toBeUndefined()
  expect(highestPercentile(NaN)).toBeUndefined()
})
