import { medianInPlace } from './median.ts'

/**
 * How far `candidate` lies above `base`: the median of all differences candidate[j] - base[i]
 * (Hodges & Lehmann, "Estimates of location based on rank tests", 1963). NaN when a side is empty.
 * `scratch`, of length base * candidate, saves the memory when called often.
 */
export function hodgesLehmann(
  base: ArrayLike<number>,
  candidate: ArrayLike<number>,
  scratch: Float64Array = new Float64Array(base.length * candidate.length),
): number {
  let next = 0
  for (let i = 0; i < base.length; i++) {
    const from = base[i]!
    for (let j = 0; j < candidate.length; j++) scratch[next++] = candidate[j]! - from
  }
  return medianInPlace(scratch)
}
