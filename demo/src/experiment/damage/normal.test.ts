import { expect, test } from 'vitest'
import { holm, normalTail } from './normal.ts'

test('the tail of the normal distribution is that of the tables', () => {
  const table = [
    [0, 0.5],
    [1, 0.158655],
    [1.644854, 0.05],
    [1.959964, 0.025],
    [3, 0.00135],
    [-1, 0.841345],
  ] as const
  for (const [z, tail] of table) expect(normalTail(z)).toBeCloseTo(tail, 6)
})

test('Holm multiplies the smallest by all tests, the next by one fewer, and never falls', () => {
  // By hand: 0.01 * 4, 0.015 * 3 = 0.045, then 0.02 * 2 = 0.04 below it, 0.9 * 1.
  expect(holm([0.02, 0.01, 0.9, 0.015])).toEqual([0.045, 0.04, 0.9, 0.045])
  expect(holm([0.6, 0.7])).toEqual([1, 1])
})
