import { describe, expect, test } from 'vitest'
import { parseThreshold } from '../metrics/index.ts'
import {
  formatClock,
  formatMeasured,
  formatMs,
  formatNumber,
  formatRatio,
  formatSpan,
} from './figures.ts'

const measured = (expression: string, value: number | undefined) =>
  formatMeasured(parseThreshold(expression, 'test'), value)

describe('numbers for people', () => {
  test('three digits are enough, but a share that is not nothing never shows as 0 %', () => {
    expect([0, 0.254, 4.306, 12.34, 99.96, 1234.5].map(formatNumber)).toEqual([
      '0',
      '0.25',
      '4.31',
      '12.3',
      '100',
      '1,235',
    ])
    expect([0, 0.00001, 0.0003, 0.042, 0.5, 0.955, 0.99, 0.99999, 1].map(formatRatio)).toEqual([
      '0 %',
      '<0.01 %',
      '0.03 %',
      '4.2 %',
      '50 %',
      '95.5 %',
      '99.00 %',
      '>99.99 %',
      '100 %',
    ])
    expect([undefined, NaN].map(formatRatio)).toEqual(['–', '–'])
  })

  test('a length of time has no part that is nothing', () => {
    expect([0, 5e6, 125e4, 6e7, 9e7, 36e8, 45e8].map(formatSpan)).toEqual([
      ...['0 s', '5 s', '1.25 s', '1 min', '1 min 30 s', '1 h', '1 h 15 min'],
    ])
  })

  test('milliseconds keep their µs below one', () => {
    expect([NaN, 412, 4_310, 45_000, 1_250_000].map(formatMs)).toEqual([
      '–',
      '0.412',
      '4.31',
      '45.0',
      '1,250',
    ])
  })

  test('the clock of a run', () => {
    expect([0, 42_900_000, 725_000_000, 3_600_000_000].map(formatClock)).toEqual([
      '0:00',
      '0:42',
      '12:05',
      '1:00:00',
    ])
  })

  test('a value that would look like its limit gets more digits', () => {
    expect(measured('p95 < 300ms', 300_400)).toBe('300.400 ms')
    expect(measured('p95 < 300ms', 310_400)).toBe('310 ms')
    expect(measured('p95 <= 300ms', 300_000)).toBe('300 ms')
    expect(measured('errors < 1%', 0.01004)).toBe('1.0040 %')
    expect(measured('rps > 1000', 999.9)).toBe('999.900/s')
    expect(measured('drops < 5', 5)).toBe('5')
    expect(measured('p95 < 1s', undefined)).toBe('–')
  })
})
