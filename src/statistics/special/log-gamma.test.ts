import { expect, test } from 'vitest'
import { logGamma } from './log-gamma.ts'

test('is the logarithm of the factorial', () => {
  let logFactorial = 0
  for (let n = 1; n <= 170; n++) {
    expect(logGamma(n)).toBeCloseTo(logFactorial, 11)
    logFactorial += Math.log(n)
  }
})

test('knows gamma(1/2) = sqrt(pi)', () => {
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14)
})
