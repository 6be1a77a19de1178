import fc from 'fast-check'
import { expect, test } from 'vitest'
import { median } from './median.ts'

test('is what sorting gives, in any order and with ties', () => {
  const value = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
  )
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), values => {
      const sorted = [...values].sort((a, b) => a - b)
      const middle = sorted.length >> 1
      const expected =
        sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
      expect(median(values) - expected).toBeCloseTo(0, 9)
    }),
  )
})

test('of nothing is NaN, and the values stay in their order', () => {
  const values = [3, 1, 2]
  expect([median([]), median(values)]).toEqual([NaN, 2])
  expect(values).toEqual([3, 1, 2])
})
