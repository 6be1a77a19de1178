import { expect, test } from 'vitest'
import { wilson } from './wilson.ts'

test('agrees with the examples of Newcombe 1998 (table I, method 3)', () => {
  const rounded = (hits: number, total: number) => {
    const { low, high } = wilson(hits, total)
    return [low.toFixed(4), high.toFixed(4)]
  }
  expect(rounded(81, 263)).toEqual(['0.2553', '0.3662'])
  expect(rounded(15, 148)).toEqual(['0.0624', '0.1605'])
  expect(rounded(0, 20)).toEqual(['0.0000', '0.1611'])
  expect(rounded(1, 29)).toEqual(['0.0061', '0.1718'])
})

test('is exact at the ends, and everything when nothing was seen', () => {
  expect(wilson(0, 1000).low).toBe(0)
  expect(wilson(1000, 1000).high).toBe(1)
  expect(wilson(0, 0)).toEqual({ low: 0, high: 1 })
})
