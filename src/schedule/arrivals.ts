import { seededRandom, type Random } from '../base/index.ts'
import type { LoadProfile, RateSegment, Share } from './load-profile.ts'
import { RateCurve } from './rate-curve.ts'
import { scaledFrom, type RateChange } from './rate-changes.ts'
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
export function arrivals(
  profile: Extract<LoadProfile, { kind: 'rate' }>,
  options: ArrivalsOptions,
): Arrivals {
  return new Arrivals(profile, options)
}

/**
 * See `arrivals`. A change of the rate while it is under way moves the arrivals that have not been
 * taken; which worker an arrival belongs to stays. So the workers together still start each one
 * exactly once, also when one of them hears of the change late: what it should have started by then
 * is due at once, and what it started too early is not started again.
 */
export class Arrivals implements Iterable<number> {
  readonly #counts: Iterator<number, void> | undefined
  #segments: readonly RateSegment[]
  #curve: RateCurve
  /** Expected count at which the next arrival takes place; undefined without a share. */
  #nextCount: number | undefined

  constructor(profile: Extract<LoadProfile, { kind: 'rate' }>, options: ArrivalsOptions) {
    const share = shareWithUsers(profile.maxUsers, options.share)
    this.#segments = profile.segments
    this.#curve = new RateCurve(profile.segments)
    if (share === undefined) return
    this.#counts = profile.poisson
      ? randomCounts(share, seededRandom(options.seed, `arrivals ${options.stream}`))
      : evenCounts(share)
    this.#nextCount = this.#counts.next().value ?? undefined
  }

  /** When the next arrival is due; Infinity when none is left. Asking does not take it. */
  get nextAtUs(): number {
    const count = this.#nextCount
    return count !== undefined && this.#curve.exceeds(count) ? this.#curve.timeOf(count) : Infinity
  }

  /** Goes on to the arrival after the next one. */
  take(): void {
    this.#nextCount = this.#counts?.next().value ?? undefined
  }

  /** From `fromUs` on the rate is `factor` times what it was to be. */
  change(change: RateChange): void {
    this.#segments = scaledFrom(this.#segments, change)
    this.#curve = new RateCurve(this.#segments)
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    for (let atUs = this.nextAtUs; atUs < Infinity; atUs = this.nextAtUs) {
      this.take()
      yield atUs
    }
  }
}

function* evenCounts({ index, count }: Share): Generator<number, void> {
  for (let i = index; ; i += count) yield i
}

function* randomCounts({ index, count }: Share, random: Random): Generator<number, void> {
  let unitTime = random.exponential(1)
  for (let i = 0; ; i++) {
    if (i % count === index) yield unitTime
    unitTime += random.exponential(1)
  }
}
