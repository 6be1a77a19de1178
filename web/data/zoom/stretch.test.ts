import { expect, test } from 'vitest'
import type { Point } from '../point.ts'
import { partsOf, spanOf, wholeSpanOf, withFiner } from './stretch.ts'

test('a range is shown as finely as 900 points allow', () => {
  expect([1, 900, 901, 1800, 3600].map(spanOf)).toEqual([1, 1, 2, 2, 4])
})

test('a whole run of more than 45 minutes is read in tens or minutes', () => {
  const [minute, hour] = [60, 3600]
  const lengths = [15 * minute, 45 * minute, 46 * minute, 2 * hour, 3 * hour, 15 * hour, 24 * hour]
  expect(lengths.map(wholeSpanOf)).toEqual([1, 3, 10, 10, 20, 60, 120])
})

test('no span reaches over the end of the warm-up', () => {
  const range = { from: 3, to: 50 }
  expect(partsOf(range, 4, 10)).toEqual([
    { from: 3, to: 10 },
    { from: 10, to: 50 },
  ])
  for (const [span, cut] of [
    [1, 10],
    [5, 10],
    [4, 0],
    [4, 50],
    [4, 2],
  ] as const) {
    expect(partsOf(range, span, cut)).toEqual([range])
  }
})

test('finer points replace those of the whole run, also those that only reach in', () => {
  const points = (from: number, to: number, span: number) =>
    Array.from({ length: (to - from) / span }, (_, at) => {
      return { index: from + at * span, seconds: span } as Point
    })
  const shown = withFiner(points(0, 40, 10), { from: 12, to: 15 }, points(12, 15, 1))
  expect(shown.map(({ index }) => index)).toEqual([0, 12, 13, 14, 20, 30])
})
