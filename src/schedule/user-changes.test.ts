import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LoadProfile } from './load-profile.ts'
import { userChanges } from './user-changes.ts'

type UsersProfile = Extract<LoadProfile, { kind: 'users' }>

const users = (...segments: readonly (readonly [number, number, number])[]): UsersProfile => ({
  kind: 'users',
  segments: segments.map(([fromUsers, toUsers, seconds]) => ({
    fromUsers,
    toUsers,
    durationUs: seconds * 1e6,
  })),
})
const pairs = (profile: Parameters<typeof userChanges>[0]) =>
  [...userChanges(profile)].map(({ atUs, users }) => [atUs, users])

/** Second method: the level at one moment, read off the profile instead of followed through it. */
function targetUsers(profile: Parameters<typeof userChanges>[0], atUs: number): number {
  const segments =
    profile.kind === 'users'
      ? profile.segments
      : [{ fromUsers: profile.users, toUsers: profile.users, durationUs: profile.maxDurationUs }]
  let startsAtUs = 0
  let target = 0
  for (const { fromUsers, toUsers, durationUs } of segments) {
    if (atUs < startsAtUs) break
    const ratio = durationUs > 0 ? Math.min(1, (atUs - startsAtUs) / durationUs) : 1
    const level = fromUsers + (toUsers - fromUsers) * ratio
    // On its way up, a level that reaches k exactly is about to exceed it: user k starts.
    target = toUsers > fromUsers ? Math.min(toUsers, Math.floor(level) + 1) : Math.ceil(level)
    startsAtUs += durationUs
  }
  return atUs < 0 || atUs >= startsAtUs ? 0 : target
}

const anyLevel = fc.integer({ min: 0, max: 60 })
const anyUsersProfile = fc
  .array(fc.tuple(anyLevel, anyLevel, fc.integer({ min: 0, max: 30 })), { maxLength: 5 })
  .map(segments => users(...segments))

describe('user changes', () => {
  test('a ramp starts its users evenly, the first at once', () => {
    expect(pairs(users([0, 4, 2], [4, 4, 8]))).toEqual([
      [0, 1],
      [500_000, 2],
      [1_000_000, 3],
      [1_500_000, 4],
      [10_000_000, 0],
    ])
  })

  test('a ramp down ends the last user at its very end', () => {
    expect(pairs(users([3, 0, 3]))).toEqual([
      [0, 3],
      [1_000_000, 2],
      [2_000_000, 1],
      [3_000_000, 0],
    ])
  })

  test('a jump is one change, up or down', () => {
    expect(pairs(users([5, 5, 1], [5, 2, 0], [2, 2, 1], [9, 9, 1]))).toEqual([
      [0, 5],
      [1_000_000, 2],
      [2_000_000, 9],
      [3_000_000, 0],
    ])
  })

  test('a fixed number of iterations keeps its users until the maximum time', () => {
    const profile = { kind: 'iterations', iterations: 10, users: 3, maxDurationUs: 7e6 } as const
    expect(pairs(profile)).toEqual([
      [0, 3],
      [7_000_000, 0],
    ])
    expect(targetUsers(profile, 6_999_999)).toBe(3)
  })

  test('no segment and no user is no change at all', () => {
    expect(pairs(users())).toEqual([])
    expect(pairs(users([0, 0, 5]))).toEqual([])
  })

  test('changes ascend, and between two of them the target is what the first one said', () => {
    fc.assert(
      fc.property(anyUsersProfile, profile => {
        const changes = [...userChanges(profile)]
        changes.forEach((change, i) => {
          const nextAtUs = changes[i + 1]?.atUs ?? change.atUs + 1e6
          expect(nextAtUs).toBeGreaterThanOrEqual(change.atUs)
          if (nextAtUs - change.atUs < 1) return
          expect(targetUsers(profile, (change.atUs + nextAtUs) / 2)).toBe(change.users)
        })
      }),
    )
  })

  test('the target stays within one user of the straight line', () => {
    const profile = users([0, 50, 10])
    for (let second = 0.05; second < 10; second += 0.1) {
      expect(Math.abs(targetUsers(profile, second * 1e6) - second * 5)).toBeLessThanOrEqual(1)
    }
    expect([targetUsers(profile, -1), targetUsers(profile, 10e6)]).toEqual([0, 0])
  })
})
