import { expect, test } from 'vitest'
import { normalCdf, normalQuantile } from './normal.ts'

test('agrees with the tables', () => {
  expect(normalCdf(0)).toBe(0.5)
  expect(normalCdf(1)).toBeCloseTo(0.841344746068543, 13)
  expect(normalCdf(-1.96)).toBeCloseTo(0.02499789514822, 13)
  expect(normalCdf(-5) / 2.866515718791939e-7).toBeCloseTo(1, 10)
  expect(normalCdf(-10) / 7.619853024160527e-24).toBeCloseTo(1, 10)
  expect([normalCdf(-Infinity), normalCdf(Infinity)]).toEqual([0, 1])
})

test('the two ways to compute it meet at 4', () => {
  expect(normalCdf(-4 - 1e-9) / normalCdf(-4 + 1e-9)).toBeCloseTo(1, 7)
})

test('the quantile undoes it', () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12)
  for (const p of [1e-6, 0.05, 0.5, 0.8]) expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 13)
})
