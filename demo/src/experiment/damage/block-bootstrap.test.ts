import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resamples, spread } from './block-bootstrap.ts'

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((all, one) => all + one, 0)

test('each part keeps its number of seconds, and the same seed draws the same', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(60), fc.nat(), (one, other, seed) => {
      const drawn = resamples([one, other], { count: 3, seed })
      for (const weights of drawn) {
        expect(sum(weights.subarray(0, one))).toBe(one)
        expect(sum(weights.subarray(one))).toBe(other)
      }
      expect(resamples([one, other], { count: 3, seed })).toEqual(drawn)
    }),
  )
})

test('every second is drawn as often as any other', () => {
  const drawn = resamples([27], { count: 4_000, seed: 1 })
  const means = Array.from({ length: 27 }, (_, at) => sum(drawn.map(one => one[at]!)) / 4_000)
  for (const mean of means) expect(Math.abs(mean - 1)).toBeLessThan(0.15)
})

test('the spread is the standard deviation of what is a number', () => {
  expect(spread([1, NaN, 3, Infinity])).toBeCloseTo(Math.SQRT2)
  expect(spread([5])).toBe(0)
})
