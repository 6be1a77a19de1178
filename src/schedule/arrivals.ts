import { seededRandom } from '../base/index.ts'
import type { LoadProfile, Share } from './load-profile.ts'
import { RateCurve } from './rate-curve.ts'
import { shareWithUsers } from './share.ts'

export interface ArrivalsOptions {
  readonly share: Share
  /** Of the run; every worker of a run passes the same. Only a Poisson profile draws from it. */
  readonly seed: number
  /** Keeps the random arrivals of several scenarios apart, e.g. the scenario's name. */
  readonly stream: string
}

/**
 * Intended starts of a share's iterations, µs after run start, ascending, made one by one as they
 * are asked for: hours at 20,000/s cost no memory. Arrival i starts when the expected count
 * begins to exceed i, so the first one starts at once, and a profile has as many arrivals as its
 * rate integrates to (a started one included). It belongs to worker i modulo count; workers without
 * a user (more workers than `maxUsers`) get none.
 *
 * Poisson: independent visitors. A unit-rate Poisson process is stretched by the inverse of the
 * expected count ("time rescaling"), exact for ramps too. Every worker draws the same whole
 * sequence and keeps its own part.
 */
export function* arrivals(
  profile: Extract<LoadProfile, { kind: 'rate' }>,
  options: ArrivalsOptions,
): Generator<number, void, undefined> {
  const share = shareWithUsers(profile.maxUsers, options.share)
  if (share === undefined) return
  const curve = new RateCurve(profile.segments)
  if (profile.poisson) {
    yield* randomArrivals(curve, { ...options, share })
    return
  }
  for (let i = share.index; curve.exceeds(i); i += share.count) yield curve.timeOf(i)
}

function* randomArrivals(curve: RateCurve, options: ArrivalsOptions): Generator<number, void> {
  const { index, count } = options.share
  const random = seededRandom(options.seed, `arrivals ${options.stream}`)
  let unitTime = random.exponential(1)
  for (let i = 0; curve.exceeds(unitTime); i++) {
    if (i % count === index) yield curve.timeOf(unitTime)
    unitTime += random.exponential(1)
  }
}
