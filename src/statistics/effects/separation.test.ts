import { expect, test } from 'vitest'
import { separatedEffect } from './separation.ts'

const limits = { runToRun: { deviation: 0.03, freedom: Infinity }, tolerance: 0.05 }
const base = [Float64Array.of(1, 1.1, 0.9, 1.05, 0.95, 1)]

test('every stretch slower, by more than runs differ: surely slower', () => {
  const candidate = [Float64Array.of(2, 2.2, 1.9, 2.1, 2.05, 1.95)]
  const found = separatedEffect({ base, candidate }, limits)!
  // All 6 + 6 stretches independent: 2 / C(12, 6) = 2 / 924.
  expect(found.p).toBeCloseTo(2 / 924, 12)
  expect(Math.log(found.effect.low)).toBeCloseTo(1.9 - 1.1, 12)
  expect(Math.log(found.effect.high)).toBeCloseTo(2.2 - 0.9, 12)
  const back = separatedEffect({ base: candidate, candidate: base }, limits)!
  expect(back.effect.value).toBeCloseTo(1 / found.effect.value, 12)
})

test('stretches that overlap, or lie apart by less than runs differ, say nothing', () => {
  const overlapping = [Float64Array.of(1.05, 2, 2, 2, 2, 2)]
  expect(separatedEffect({ base, candidate: overlapping }, limits)).toBeUndefined()
  const near = [Float64Array.of(1.16, 1.17, 1.16, 1.18, 1.17, 1.16)]
  expect(separatedEffect({ base, candidate: near }, limits)).toBeUndefined()
})

test('a drifting side counts as few stretches', () => {
  const drifting = [Float64Array.from({ length: 12 }, (_, i) => 2 + i / 4)]
  const found = separatedEffect({ base, candidate: drifting }, limits)!
  // 12 stretches in a row would be 2 / C(18, 6); neighbours on a line are worth far fewer.
  expect(found.p).toBeGreaterThan(20 * (2 / 18_564))
})
