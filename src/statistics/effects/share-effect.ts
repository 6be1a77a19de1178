import { chanceAtMost, newcombe, type Share } from '../intervals/newcombe.ts'
import { dispersion, type PartCounts } from '../intervals/overdispersion.ts'
import { normalQuantile } from '../special/normal.ts'
import { studentCdf, studentQuantile } from '../special/student.ts'
import type { TestedEffect } from './latency-effect.ts'

/** Hits and totals of every stretch of a side. */
export interface ShareCounts extends PartCounts {
  readonly hits: readonly number[]
  readonly totals: readonly number[]
}

/**
 * Difference of a share (failures of exchanges), candidate minus base, with a 95 % interval and two
 * tests. Hits and totals are divided by the overdispersion between stretches, so that a burst
 * counts as little as it says: the largest of base, candidate and both together, because a side
 * without a burst does not show how large one would be. Then Newcombe's interval, whose level at 0
 * and at the tolerance gives the p-values; where the overdispersion was estimated, Student's t
 * takes the normal distribution's place. How runs differ is not known for shares and not added.
 *
 * @param tolerance difference that does not matter, as a share: 0.001 is 0.1 percentage points.
 */
export function shareEffect(
  base: ShareCounts,
  candidate: ShareCounts,
  tolerance: number,
): TestedEffect {
  const { factor, freedom } = commonDispersion(base, candidate)
  const from = effective(base, factor)
  const to = effective(candidate, factor)
  const likeStudent = (chance: number) => studentCdf(normalQuantile(chance), freedom)
  const atMostZero = likeStudent(chanceAtMost(from, to, 0))
  const beyond = Math.max(chanceAtMost(from, to, -tolerance), chanceAtMost(to, from, -tolerance))
  const value = to.hits / to.total - from.hits / from.total
  return {
    effect: { value, ...newcombe(from, to, studentQuantile(0.975, freedom)) },
    p: Math.min(1, 2 * Math.min(atMostZero, 1 - atMostZero)),
    equivalenceP: likeStudent(beyond),
    runShare: 0,
  }
}

const all = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

const effective = ({ hits, totals }: ShareCounts, factor: number): Share => ({
  hits: all(hits) / factor,
  total: all(totals) / factor,
})

/** Freedom is infinite when there is no overdispersion to estimate. */
function commonDispersion(base: ShareCounts, candidate: ShareCounts) {
  const sides = [dispersion(base), dispersion(candidate)]
  const freedom = all(sides.map(side => side.freedom))
  if (freedom < 1) return { factor: 1, freedom: Infinity }
  const together = all(sides.map(side => side.chiSquare)) / freedom
  const apart = sides.map(side => (side.freedom > 0 ? side.chiSquare / side.freedom : 0))
  const factor = Math.max(together, ...apart)
  return factor > 1 ? { factor, freedom } : { factor: 1, freedom: Infinity }
}
