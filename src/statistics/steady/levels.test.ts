import { expect, test } from 'vitest'
import { correlatedSeries } from '../testing/series.ts'
import { levelsOf } from './levels.ts'

const fivePercent = Math.log(1.05)
const noisy = (length: number, height: (i: number) => number, stream: string) =>
  correlatedSeries(length, 0, stream).map((noise, i) => height(i) + 0.05 * noise)

test('a lasting change is two levels', () => {
  const levels = levelsOf(
    noisy(200, i => (i < 120 ? 1 : 1.3), 'step'),
    fivePercent,
  )
  expect(levels.map(({ from, to }) => [from, to])).toEqual([
    [0, 120],
    [120, 200],
  ])
  expect(levels[1]!.height - levels[0]!.height).toBeCloseTo(0.3, 1)
})

test('a change below 5 % is none, nor is a hiccup of a few seconds', () => {
  expect(
    levelsOf(
      noisy(300, i => (i < 150 ? 1 : 1.03), 'small'),
      fivePercent,
    ),
  ).toHaveLength(1)
  const hiccup = noisy(300, i => (i >= 100 && i < 106 ? 2 : 1), 'hiccup')
  expect(levelsOf(hiccup, fivePercent)).toHaveLength(1)
})

test('series without changes have one level, independent or correlated', () => {
  for (const correlation of [0, 0.6]) {
    const found = Array.from({ length: 100 }, (_, i) =>
      levelsOf(correlatedSeries(300, correlation, `flat ${i}`), fivePercent),
    )
    expect(found.filter(levels => levels.length > 1).length).toBeLessThanOrEqual(9)
  }
})

test('nothing has no level', () => {
  expect(levelsOf(new Float64Array(0), fivePercent)).toEqual([])
})
