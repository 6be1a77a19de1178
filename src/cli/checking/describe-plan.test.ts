import { expect, test } from 'vitest'
import { describeLoad, sparkline } from './describe-plan.ts'

test('a load is told in words, with its model', () => {
  const users = [
    { fromUsers: 0, toUsers: 50, durationUs: 10_000_000 },
    { fromUsers: 50, toUsers: 50, durationUs: 110_000_000 },
  ]
  expect(describeLoad({ kind: 'users', segments: users })).toBe(
    'closed model: 0 to 50 users in 10.0 s, then 50 users for 1 min 50 s',
  )
  const segments = [{ fromPerSecond: 200, toPerSecond: 200, durationUs: 60_000_000 }]
  expect(describeLoad({ kind: 'rate', segments, poisson: true, maxUsers: 100 })).toBe(
    'open model, Poisson arrivals, at most 100 users: 200/s for 1 min 0 s',
  )
  const few = { kind: 'iterations', iterations: 1, users: 1, maxDurationUs: 5_000_000 } as const
  expect(describeLoad(few)).toBe('closed model: 1 iteration by 1 user, at most 5.00 s')
})

test('a jump takes no time and is not told apart', () => {
  const segments = [
    { fromUsers: 0, toUsers: 5, durationUs: 0 },
    { fromUsers: 5, toUsers: 5, durationUs: 1_000_000 },
  ]
  expect(describeLoad({ kind: 'users', segments })).toBe('closed model: 5 users for 1.00 s')
  expect(sparkline({ kind: 'users', segments })).toBe('█'.repeat(40))
})

test('a ramp climbs from the lowest to the highest sign', () => {
  const segments = [{ fromUsers: 0, toUsers: 100, durationUs: 1_000_000 }]
  const line = sparkline({ kind: 'users', segments })
  expect(line).toMatch(/^▁+▂+▃+▄+▅+▆+▇+█+$/)
  expect(line).toHaveLength(40)
})
