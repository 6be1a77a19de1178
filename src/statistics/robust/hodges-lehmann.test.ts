import { expect, test } from 'vitest'
import { hodgesLehmann } from './hodges-lehmann.ts'

test('by hand: 1, 4 against 2, 9 differ by 1, 8, -2 and 5, in the middle by 3', () => {
  expect(hodgesLehmann([1, 4], [2, 9])).toBe(3)
})

test('moves with the candidate and turns its sign with the sides', () => {
  const base = [3, 1, 4, 1, 5]
  const candidate = [9, 2, 6]
  const shift = hodgesLehmann(base, candidate)
  expect(
    hodgesLehmann(
      base,
      candidate.map(value => value + 10),
    ),
  ).toBe(shift + 10)
  expect(hodgesLehmann(candidate, base)).toBe(-shift)
})

test('of an empty side there is none', () => {
  expect(hodgesLehmann([], [1])).toBeNaN()
})
