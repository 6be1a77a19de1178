import { expect, test } from 'vitest'
import { remembering, sliceOf } from './slices.ts'

const facts = { count: 2, failures: 1, meanUs: 15 }
const buckets = [
  { valueUs: 10, count: 1 },
  { valueUs: 20, count: 1 },
]
const plain = { percentileUs: () => NaN, countAbove: () => 1, buckets: () => buckets }

test('a slice makes its histogram when it is first asked for, and once', () => {
  let made = 0
  const slice = sliceOf(facts, () => {
    made += 1
    return { ...plain, percentileUs: percent => (percent > 50 ? 20 : 10) }
  })
  expect([slice.count, slice.failures, slice.meanUs, made]).toEqual([2, 1, 15, 0])
  expect([slice.percentileUs(50), slice.percentileUs(99), made]).toEqual([10, 20, 1])
  expect([slice.countAbove(10), slice.buckets(), made]).toEqual([1, buckets, 1])
})

test('a source that remembers tells every stretch from every other', () => {
  let made = 0
  const source = remembering({
    seconds: 12,
    merged: (from, to) => {
      made += 1
      return sliceOf({ ...facts, count: 100 * from + to }, () => plain)
    },
  })
  for (let turn = 0; turn < 2; turn++) {
    for (let from = 0; from <= 12; from++) {
      for (let to = from; to <= 12; to++) {
        expect(source.merged(from, to).count).toBe(100 * from + to)
      }
    }
  }
  expect(made).toBe((13 * 14) / 2)
})
