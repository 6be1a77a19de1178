import { expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { nextBeginUs } from './think-time.ts'

const random = seededRandom(1, 'think')
const moment = { begunAtUs: 1_000, nowUs: 5_000, random: () => random }

test('no think time begins at once, a constant one after its time', () => {
  expect(nextBeginUs({ kind: 'none' }, moment)).toBe(5_000)
  expect(nextBeginUs({ kind: 'constant', timeUs: 700 }, moment)).toBe(5_700)
})

test('pacing counts from the begin, and never goes back', () => {
  expect(nextBeginUs({ kind: 'pacing', periodUs: 6_000 }, moment)).toBe(7_000)
  expect(nextBeginUs({ kind: 'pacing', periodUs: 3_000 }, moment)).toBe(5_000)
})

test('exponential think times have the declared mean', () => {
  const count = 20_000
  let sumUs = 0
  for (let i = 0; i < count; i++) {
    sumUs += nextBeginUs({ kind: 'exponential', meanUs: 1_000 }, moment) - 5_000
  }
  // Standard deviation of the mean: 1000 / sqrt(20,000) = 7.1; five of them.
  expect(Math.abs(sumUs / count - 1_000)).toBeLessThan(36)
})
