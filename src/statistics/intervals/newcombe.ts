import { bisect } from '../special/bisect.ts'
import { normalCdf } from '../special/normal.ts'
import { wilson, z95, type Interval } from './wilson.ts'

/** `hits` of `total`; neither need be whole (an effective number of samples). */
export interface Share {
  readonly hits: number
  readonly total: number
}

/** Beyond this many standard deviations a chance is called 0. */
const zMax = 38

/**
 * Interval of the difference candidate - base of two shares, -1..1. Source: R. G. Newcombe,
 * "Interval estimation for the difference between independent proportions", 1998, method 10
 * (Wilson's intervals, combined). A side where nothing was seen contributes all of [0, 1].
 *
 * @param z width in standard deviations. @default 1.96, a 95 % interval
 */
export function newcombe(base: Share, candidate: Share, z: number = z95): Interval {
  const from = wilson(base.hits, base.total, z)
  const to = wilson(candidate.hits, candidate.total, z)
  const baseShare = ratio(base)
  const candidateShare = ratio(candidate)
  const difference = candidateShare - baseShare
  return {
    low: difference - Math.hypot(candidateShare - to.low, from.high - baseShare),
    high: difference + Math.hypot(to.high - candidateShare, baseShare - from.low),
  }
}

/**
 * One-sided chance of a difference like this or larger if the true one were at most `limit`: the
 * level at which the lower end of Newcombe's interval reaches `limit`. 0.5 and more when the
 * difference seen is not above `limit`. For "at least", swap the sides and negate the limit.
 */
export function chanceAtMost(base: Share, candidate: Share, limit: number): number {
  const difference = ratio(candidate) - ratio(base)
  if (difference <= limit) {
    if (difference === limit) return 0.5
    return 1 - chanceAtMost(candidate, base, -limit)
  }
  return normalCdf(-bisect(z => newcombe(base, candidate, z).low > limit, 0, zMax))
}

const ratio = ({ hits, total }: Share) => (total > 0 ? hits / total : 0)
