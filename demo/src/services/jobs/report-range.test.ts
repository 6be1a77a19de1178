import { expect, test } from 'vitest'
import { daysOf, readRange } from './report-range.ts'

/** 1 June 2025 is day 20240: 55 years of 365 days, 14 leap days, and 151 days of 2025. */
const june = 55 * 365 + 14 + 151

test('a range names its first and its last day', () => {
  const range = readRange({ start_date: '2025-06-01', end_date: '2025-06-03T12:00:00Z' })
  expect(range).toEqual({ startDate: '2025-06-01', endDate: '2025-06-03' })
  expect(daysOf(range, 30)).toEqual([june, june + 1, june + 2])
})

test('what is not given is as long as a report usually is', () => {
  expect(daysOf({}, 3)).toEqual([0, 1, 2])
  expect(daysOf(readRange({ start_date: '2025-06-01' }), 2)).toEqual([june, june + 1])
  expect(daysOf(readRange({ endDate: '2025-06-01' }), 2)).toEqual([june - 1, june])
})

test('a range that ends before it begins is taken, and has no days', () => {
  const range = readRange({ start_date: '2025-06-02', end_date: '2025-06-01' })
  expect(daysOf(range, 30)).toEqual([])
})

test('what is no date, or more than a year, is refused', () => {
  for (const start_date of ['2025-02-31', '2025-13-01', 'yesterday', '01.06.2025', 7, '']) {
    expect(() => readRange({ start_date })).toThrow('start_date')
  }
  const year = { start_date: '2024-01-01', end_date: '2024-12-31' }
  expect(daysOf(readRange(year), 30)).toHaveLength(366)
  expect(() => readRange({ ...year, end_date: '2025-01-01' })).toThrow('366 days, not 367')
})
