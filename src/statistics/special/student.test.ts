import { expect, test } from 'vitest'
import { normalCdf } from './normal.ts'
import { studentCdf, studentQuantile } from './student.ts'

test('agrees with the tables of 97.5 % points', () => {
  expect(studentQuantile(0.975, 1)).toBeCloseTo(12.7062047, 6)
  expect(studentQuantile(0.975, 10)).toBeCloseTo(2.2281389, 6)
  expect(studentQuantile(0.975, 30)).toBeCloseTo(2.0422725, 6)
  expect(studentQuantile(0.975, Infinity)).toBeCloseTo(1.959964, 6)
})

test('one degree is the Cauchy distribution, two have a closed form', () => {
  for (const t of [-30, -1, 0, 0.5, 4]) {
    expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 12)
    expect(studentCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 12)
  }
})

test('with many degrees it becomes the normal distribution', () => {
  expect(studentCdf(-1.5, 1e6)).toBeCloseTo(normalCdf(-1.5), 6)
})
