import { expect, test } from 'vitest'
import { unitPriceCents, type PriceRule } from './rules.ts'

const rules: readonly PriceRule[] = [
  { category: null, quantityMin: 10, percentOff: 10 },
  { category: 'books', quantityMin: 5, percentOff: 5 },
  { category: 'books', quantityMin: 20, percentOff: 8 },
  { category: 'toys', quantityMin: 2, percentOff: 50 },
]
const book = (quantity: number) => ({ usdCents: 1_000, category: 'books', quantity })

test('the best rule that holds counts, and rules do not add up', () => {
  expect(unitPriceCents(book(1), 1, rules)).toBe(1_000)
  expect(unitPriceCents(book(4), 1, rules)).toBe(1_000)
  expect(unitPriceCents(book(5), 1, rules)).toBe(950)
  expect(unitPriceCents(book(10), 1, rules)).toBe(900)
  expect(unitPriceCents(book(20), 1, rules)).toBe(900)
})

test('a price in another currency is rounded up, but not because of binary fractions', () => {
  // 999 * 0.92 = 919.08; 700 * 0.79 = 553 exactly.
  expect(unitPriceCents({ ...book(1), usdCents: 999 }, 0.92, rules)).toBe(920)
  expect(unitPriceCents({ ...book(1), usdCents: 700 }, 0.79, rules)).toBe(553)
})
