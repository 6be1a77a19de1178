import { expect, test } from 'vitest'
import { overdispersion } from './overdispersion.ts'

test('by hand: 0, 0, 0 and 8 of 10 each, where 2 were expected', () => {
  // p = 8/40; each part has variance 10 p (1 - p) = 1.6; squares 4 + 4 + 4 + 36 = 48.
  const factor = overdispersion({ hits: [0, 0, 0, 8], totals: [10, 10, 10, 10] })
  expect(factor).toBeCloseTo(48 / 1.6 / 3, 12)
})

test('is 1 for parts that agree, and when there is nothing to tell from', () => {
  expect(overdispersion({ hits: [2, 2], totals: [10, 10] })).toBe(1)
  expect(overdispersion({ hits: [0, 0], totals: [10, 10] })).toBe(1)
  expect(overdispersion({ hits: [5, 0], totals: [10, 0] })).toBe(1)
  expect(overdispersion({ hits: [], totals: [] })).toBe(1)
})
