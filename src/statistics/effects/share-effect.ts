import { chanceAtMost, newcombe, type Share } from '../intervals/newcombe.ts'
import { dispersion, type PartCounts } from '../intervals/overdispersion.ts'
import { normalQuantile } from '../special/normal.ts'
import { studentCdf, studentQuantile } from '../special/student.ts'
import type { TestedEffect } from './latency-effect.ts'
import type { RunToRun } from './run-to-run.ts'

/** Hits and totals of every stretch of a side. */
export interface ShareCounts extends PartCounts {
  readonly hits: readonly number[]
  readonly totals: readonly number[]
  /** Number of runs they come from. */
  readonly runs: number
}

export interface ShareOptions {
  /** Difference that does not matter, as a share: 0.001 is 0.1 percentage points. */
  readonly tolerance: number
  /** Of the share: 0.3 says that it differs by 30 % of itself. */
  readonly runToRun: RunToRun
}

/**
 * Difference of a share (failures of exchanges), candidate minus base, with a 95 % interval and two
 * tests: Newcombe's interval, whose level at 0 and at the tolerance gives the p-values, of hits and
 * totals divided by their overdispersion, with Student's t where that was estimated.
 *
 * Overdispersion is that between stretches, so that a burst counts as little as it says: the
 * largest of base, candidate and both together, because a side without a burst does not show how
 * large one would be. Added to it is what runs of the same thing differ by, s^2 n p / (1 - p) for
 * the n exchanges of a run, p the share of both sides (as in a beta-binomial distribution: the
 * variance of the share then has s^2 p^2 in it).
 */
export function shareEffect(
  base: ShareCounts,
  candidate: ShareCounts,
  { tolerance, runToRun }: ShareOptions,
): TestedEffect {
  const { factor, freedom: ofStretches } = commonDispersion(base, candidate)
  const share = (all(base.hits) + all(candidate.hits)) / (all(base.totals) + all(candidate.totals))
  const odds = share < 1 ? share / (1 - share) : 0
  const ofRuns = (side: ShareCounts) =>
    (runToRun.deviation ** 2 * odds * all(side.totals)) / side.runs
  const from = effective(base, factor + ofRuns(base))
  const to = effective(candidate, factor + ofRuns(candidate))
  const freedom = Math.min(ofStretches, runToRun.freedom)
  const likeStudent = (chance: number) => studentCdf(normalQuantile(chance), freedom)
  const atMostZero = likeStudent(chanceAtMost(from, to, 0))
  const beyond = Math.max(chanceAtMost(from, to, -tolerance), chanceAtMost(to, from, -tolerance))
  const value = to.hits / to.total - from.hits / from.total
  return {
    effect: { value, ...newcombe(from, to, studentQuantile(0.975, freedom)) },
    p: Math.min(1, 2 * Math.min(atMostZero, 1 - atMostZero)),
    equivalenceP: likeStudent(beyond),
    runShare: ofRuns(base) / (factor + ofRuns(base)),
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
