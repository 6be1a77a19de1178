import { medianInPlace } from './median.ts'

/**
 * How far `candidate` lies above `base`: the median of all differences candidate[j] - base[i]
 * (Hodges & Lehmann, "Estimates of location based on rank tests", 1963). NaN when a side is empty.
 */
export function hodgesLehmann(base: ArrayLike<number>, candidate: ArrayLike<number>): number {
  return medianInPlace(differencesOf(base, candidate))
}

/** How often each value of a side counts. */
type Times = ArrayLike<number>

/**
 * The same for samples that are drawn from both sides again and again: what it returns takes how
 * often each value was drawn. All differences are sorted once, so that a sample costs a walk to
 * their weighted middle. NaN when nothing was drawn from a side.
 */
export function hodgesLehmannOfDraws(
  base: ArrayLike<number>,
  candidate: ArrayLike<number>,
): (baseTimes: Times, candidateTimes: Times) => number {
  const differences = differencesOf(base, candidate)
  const order = Uint32Array.from(differences, (_, place) => place)
  order.sort((one, other) => differences[one]! - differences[other]!)
  const fromBase = order.map(place => Math.floor(place / candidate.length))
  const fromCandidate = order.map(place => place % candidate.length)
  return (baseTimes, candidateTimes) => {
    const all = sum(baseTimes) * sum(candidateTimes)
    if (all === 0) return NaN
    const half = Math.floor(all / 2)
    let place = 0
    let seen = 0
    const walkTo = (count: number) => {
      while (seen < count) {
        seen += baseTimes[fromBase[place]!]! * candidateTimes[fromCandidate[place]!]!
        place += 1
      }
      return differences[order[place - 1]!]!
    }
    if (all % 2 === 1) return walkTo(half + 1)
    const lower = walkTo(half)
    return (lower + walkTo(half + 1)) / 2
  }
}

/** candidate[j] - base[i] at i * (length of candidate) + j. */
function differencesOf(base: ArrayLike<number>, candidate: ArrayLike<number>): Float64Array {
  const differences = new Float64Array(base.length * candidate.length)
  let next = 0
  for (let i = 0; i < base.length; i++) {
    const from = base[i]!
    for (let j = 0; j < candidate.length; j++) differences[next++] = candidate[j]! - from
  }
  return differences
}

function sum(times: Times): number {
  let all = 0
  for (let i = 0; i < times.length; i++) all += times[i]!
  return all
}
