import { expect, test } from 'vitest'
import { bisect } from './bisect.ts'

test('finds a root to the last bit', () => {
  expect(bisect(x => x * x < 2, 0, 2)).toBeCloseTo(Math.SQRT2, 15)
})

test('gives the end when the answer never turns', () => {
  expect(bisect(() => true, 0, 3)).toBe(3)
  expect(bisect(() => false, 1, 3)).toBeCloseTo(1, 12)
})
