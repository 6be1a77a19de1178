import fc from 'fast-check'
import { expect, test } from 'vitest'
import { divideCount } from './divide-count.ts'

test('20 users over loads of 50, 30 and 20 are 10, 6 and 4', () => {
  expect(divideCount(20, [50, 30, 20])).toEqual([10, 6, 4])
})

test('what rounding leaves over goes to the largest remainders', () => {
  // 10 * 1/3 = 3.33 each: one unit is left, for the first of equals.
  expect(divideCount(10, [1, 1, 1])).toEqual([4, 3, 3])
  // 7 over 1 : 2 = 2.33 and 4.67: the unit goes to the second.
  expect(divideCount(7, [1, 2])).toEqual([2, 5])
})

test('the parts add up, and none is a whole unit away from its exact share', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), weights, (total, list) => {
      const parts = divideCount(total, list)
      const sum = list.reduce((all, weight) => all + weight, 0)
      expect(parts.reduce((all, part) => all + part, 0)).toBe(total)
      parts.forEach((part, index) => {
        expect(Math.abs(part - (total * (list[index] ?? 0)) / sum)).toBeLessThan(1)
      })
    }),
  )
})
