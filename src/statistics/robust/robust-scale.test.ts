import { expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { normal } from '../testing/queue.ts'
import { robustScale } from './robust-scale.ts'

test('estimates the standard deviation of normal values, also when a third is spoilt', () => {
  const random = seededRandom(1, 'scale')
  const values = Array.from({ length: 20_000 }, () => 3 * normal(random))
  expect(robustScale(values)).toBeCloseTo(3, 0)
  const spoilt = values.map((value, i) => (i % 10 === 0 ? 1e9 : value))
  expect(robustScale(spoilt)).toBeLessThan(4)
})

test('by hand: 1, 1, 2, 2, 4, 6, 9 deviate from 2 by 1, 1, 0, 0, 2, 4, 7: half by up to 1', () => {
  expect(robustScale([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826, 10)
})

test('never goes below 2 % of the median or the resolution', () => {
  expect(robustScale([100, 100, 100])).toBe(2)
  expect(robustScale([100, 100, 100], { resolution: 5 })).toBe(5)
  expect(robustScale([100, 100, 100], { floorRatio: 0 })).toBe(0)
})
