import fc from 'fast-check'
import { expect, test } from 'vitest'
import { iterationsOfShare } from './iterations.ts'
import { countOfShare, shareWithUsers } from './share.ts'

const range = (count: number) => Array.from({ length: count }, (_, index) => index)

test('the parts of all workers are the whole, item by item', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.integer({ min: 1, max: 40 }), (items, count) => {
      const parts = range(count).map(index => countOfShare(items, { index, count }))
      const counted = range(count).map(
        index => range(items).filter(item => item % count === index).length,
      )
      expect(parts).toEqual(counted)
    }),
    { numRuns: 50 },
  )
})

test('with fewer users than workers the first workers share the work', () => {
  expect(shareWithUsers(2, { index: 1, count: 5 })).toEqual({ index: 1, count: 2 })
  expect(shareWithUsers(2, { index: 2, count: 5 })).toBeUndefined()
  expect(shareWithUsers(9, { index: 4, count: 5 })).toEqual({ index: 4, count: 5 })
})

test('fixed iterations are divided in proportion to the users of each worker', () => {
  const profile = { kind: 'iterations', iterations: 100, users: 5, maxDurationUs: 1 } as const
  const parts = range(4).map(index => iterationsOfShare(profile, { index, count: 4 }))
  // Workers have 2, 1, 1, 1 users.
  expect(parts).toEqual([40, 20, 20, 20])
})

test('fixed iterations add up exactly, and only workers with users get any', () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 40 }),
      (iterations, users, count) => {
        const profile = { kind: 'iterations', iterations, users, maxDurationUs: 1 } as const
        const parts = range(count).map(index => iterationsOfShare(profile, { index, count }))
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(iterations)
        expect(parts.slice(users).every(part => part === 0)).toBe(true)
      },
    ),
  )
})
