import type { LoadProfile, Share } from './load-profile.ts'
import { countOfShare } from './share.ts'

/**
 * How many iterations of a fixed number a worker runs: in proportion to its virtual users, so that
 * all workers end together. The parts of all workers add up exactly; a worker without users gets 0.
 */
export function iterationsOfShare(
  profile: Extract<LoadProfile, { kind: 'iterations' }>,
  share: Share,
): number {
  const upToIndex = (index: number) => {
    const whole = Math.floor(profile.users / share.count) * index
    const usersBefore = whole + Math.min(index, profile.users % share.count)
    return Math.floor((profile.iterations * usersBefore) / profile.users)
  }
  return countOfShare(profile.users, share) === 0
    ? 0
    : upToIndex(share.index + 1) - upToIndex(share.index)
}
