import type { LoadProfile } from './load-profile.ts'

/** Declared length, µs: iterations start in [0, this) only. Of a fixed number it is the maximum. */
export function totalDurationUs(profile: LoadProfile): number {
  if (profile.kind === 'iterations') return profile.maxDurationUs
  return profile.segments.reduce((sumUs, segment) => sumUs + segment.durationUs, 0)
}

/**
 * 'open': starts follow a schedule and never wait for answers. 'closed': a user starts when it is
 * done.
 */
export function model(profile: LoadProfile): 'open' | 'closed' {
  return profile.kind === 'rate' ? 'open' : 'closed'
}

/** Virtual users at most, over all workers; for a rate it is the limit, which is seldom reached. */
export function peakUsers(profile: LoadProfile): number {
  if (profile.kind === 'iterations') return profile.users
  if (profile.kind === 'rate') return profile.maxUsers
  return profile.segments.reduce((most, { fromUsers, toUsers }) => {
    return Math.max(most, fromUsers, toUsers)
  }, 0)
}

/**
 * Iterations started per second at most, over all workers; 0 in the closed model, which has no
 * rate.
 */
export function peakRate(profile: LoadProfile): number {
  if (profile.kind !== 'rate') return 0
  return profile.segments.reduce((most, { fromPerSecond, toPerSecond }) => {
    return Math.max(most, fromPerSecond, toPerSecond)
  }, 0)
}
