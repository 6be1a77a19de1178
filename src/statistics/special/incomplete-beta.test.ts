import { describe, expect, test } from 'vitest'
import { incompleteBeta } from './incomplete-beta.ts'

describe('the incomplete beta function', () => {
  const shares = [0, 0.001, 0.1, 0.37, 0.5, 0.9, 0.9999, 1]

  test('has closed forms for a = 1, b = 1 and a = b = 1/2', () => {
    for (const x of shares) {
      expect(incompleteBeta(x, 3.5, 1)).toBeCloseTo(x ** 3.5, 13)
      expect(incompleteBeta(x, 1, 7.25)).toBeCloseTo(1 - (1 - x) ** 7.25, 13)
      expect(incompleteBeta(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 12)
    }
  })

  test('is the upper tail of a binomial distribution for whole a and b', () => {
    for (const [a, b] of [
      [3, 4],
      [20, 5],
      [60, 70],
    ] as const) {
      for (const x of shares) expect(incompleteBeta(x, a, b)).toBeCloseTo(tail(a, b, x), 11)
    }
  })

  test('is one half in the middle of a symmetric one, however large', () => {
    for (const a of [1, 10, 1e3, 1e6]) expect(incompleteBeta(0.5, a, a)).toBeCloseTo(0.5, 8)
  })

  test('approaches the normal distribution: one deviation above the mean 84.13 % lie', () => {
    const deviation = Math.sqrt(0.25 / 2e7)
    expect(incompleteBeta(0.5 + deviation, 1e7, 1e7)).toBeCloseTo(0.841345, 4)
  })
})

/** Sum of binomial terms, n = a + b - 1, from a to n. */
function tail(a: number, b: number, x: number): number {
  const n = a + b - 1
  let ways = 1
  let sum = 0
  for (let k = 0; k <= n; k++) {
    if (k >= a) sum += ways * x ** k * (1 - x) ** (n - k)
    ways = (ways * (n - k)) / (k + 1)
  }
  return sum
}
