import { expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { normal } from '../testing/queue.ts'
import { runToRunFrom } from './run-to-run.ts'

const assumed = { deviation: 0.03, freedom: Infinity }

test('is assumed until five pairs tell it', () => {
  const pair = { logRatio: 0.1, windowError: 0 }
  expect(runToRunFrom([pair, pair, pair, pair], assumed)).toEqual(assumed)
  const five = runToRunFrom([pair, pair, pair, pair, pair], assumed)
  expect(five.deviation).toBeCloseTo(0.1 / Math.SQRT2, 12)
  expect(five.freedom).toBe(5)
})

test('takes out what the runs themselves were unsure of', () => {
  const random = seededRandom(14, 'history')
  const pairs = Array.from({ length: 2000 }, () => ({
    logRatio: Math.SQRT2 * 0.02 * normal(random) + 0.03 * normal(random),
    windowError: 0.03,
  }))
  expect(runToRunFrom(pairs, assumed).deviation).toBeCloseTo(0.02, 2)
})

test('is at least 0.5 %', () => {
  const alike = Array.from({ length: 6 }, () => ({ logRatio: 0, windowError: 0.01 }))
  expect(runToRunFrom(alike, assumed).deviation).toBe(0.005)
})
