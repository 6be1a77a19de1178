import type { LoadProfile } from './load-profile.ts'

export interface UserChange {
  /** µs after run start. */
  readonly atUs: number
  /** Virtual users that run from then on, over all workers. */
  readonly users: number
}

type UsersProfile = Extract<LoadProfile, { kind: 'users' | 'iterations' }>

/**
 * When the number of virtual users changes, over all workers, ascending in time and made one by
 * one; several starts at one moment are one change. A ramp spreads its starts evenly: user k starts
 * when the level begins to exceed k and ends when the level has come down to k. The last change, to
 * 0, is the end of the profile. A worker's part of a number of users is `countOfShare`.
 */
export function* userChanges(profile: UsersProfile): Generator<UserChange, void, undefined> {
  let users = 0
  let startsAtUs = 0
  for (const { fromUsers, toUsers, durationUs } of segmentsOf(profile)) {
    // A segment may begin at another level than the last one ended at: a jump.
    if (Math.ceil(fromUsers) !== users) {
      users = Math.ceil(fromUsers)
      yield { atUs: startsAtUs, users }
    }
    // Multiplied before divided: the last of a ramp's changes falls exactly on the ramp's end.
    const atLevel = (level: number) =>
      startsAtUs + Math.max(0, ((level - fromUsers) * durationUs) / (toUsers - fromUsers))
    const target = Math.ceil(toUsers)
    if (durationUs <= 0 && target !== users) yield { atUs: startsAtUs, users: target }
    while (durationUs > 0 && users < target) {
      yield { atUs: atLevel(users), users: ++users }
    }
    while (durationUs > 0 && users > target) {
      yield { atUs: atLevel(users - 1), users: --users }
    }
    users = target
    startsAtUs += durationUs
  }
  if (users !== 0) yield { atUs: startsAtUs, users: 0 }
}

function segmentsOf(profile: UsersProfile) {
  if (profile.kind === 'users') return profile.segments
  const { users, maxDurationUs } = profile
  return [{ fromUsers: users, toUsers: users, durationUs: maxDurationUs }]
}
