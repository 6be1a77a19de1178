import { expect, test } from 'vitest'
import { shownRange, shownUs, tickCount, tickUs } from './shown.ts'

test('times have a unit that fits them', () => {
  expect([850, 4310, 45_000, 1_250_000, NaN].map(shownUs)).toEqual([
    '850 µs',
    '4.31 ms',
    '45.0 ms',
    '1.25 s',
    '–',
  ])
})

test('an axis shows no digits that say nothing', () => {
  expect([0, 1000, 50_000, 2_500, 100_000].map(tickUs)).toEqual([
    '0',
    '1 ms',
    '50 ms',
    '2.5 ms',
    '100 ms',
  ])
  expect([0, 20, 2.5, 1000, 20_000].map(tickCount)).toEqual(['0', '20', '2.5', '1,000', '20k'])
})

test('a range reads as the clock of the run', () => {
  expect(shownRange({ from: 80, to: 125 })).toBe('1:20–2:05')
})
