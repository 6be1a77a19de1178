import { expect, test } from 'vitest'
import { compareLoads } from './loads.ts'
import type { SliceSource } from './slices.ts'

/** A run whose seconds have these counts, in turn. */
function parts(...counts: readonly number[]) {
  const source: SliceSource = {
    seconds: 120,
    merged: (from, to) => {
      let count = 0
      for (let second = from; second < to; second++) count += counts[second % counts.length]!
      return {
        ...{ count, failures: 0, meanUs: NaN },
        ...{ percentileUs: () => NaN, countAbove: () => 0, buckets: () => [] },
      }
    },
  }
  return [{ source, fromSecond: 0, toSecond: 120 }]
}
const open = (...counts: readonly number[]) => ({ parts: parts(...counts), closedUsers: undefined })
const closed = (users: number, rate: number) => ({ parts: parts(rate), closedUsers: users })

test('rates within 3 % are the same load', () => {
  expect(compareLoads(open(100), open(102), 0.03)).toMatchObject({
    matched: true,
    words: 'same load: 100 and 102 requests/s',
  })
})

test('steady rates further apart are not', () => {
  expect(compareLoads(open(100), open(112), 0.03)).toMatchObject({
    matched: false,
    words: 'the candidate had 12 % more load: 100 and 112 requests/s',
  })
})

test('a side that measured nothing has no load to compare', () => {
  const words = 'the loads cannot be compared: one side measured nothing'
  expect(compareLoads(open(0), open(100), 0.03)).toMatchObject({ matched: false, words })
  const none = { parts: [], closedUsers: undefined }
  expect(compareLoads(none, none, 0.03)).toMatchObject({ matched: false, words })
})

test('a difference that random arrivals explain is none', () => {
  expect(compareLoads(open(2, 14, 7, 1), open(3, 14, 7, 1), 0.03).matched).toBe(true)
})

test('closed-model runs have the same load with the same users', () => {
  expect(compareLoads(closed(10, 100), closed(20, 100), 0.03)).toMatchObject({
    matched: false,
    words: 'the candidate had 100 % more load: 10 and 20 users',
  })
})
