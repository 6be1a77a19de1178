import { hodgesLehmann } from '../robust/hodges-lehmann.ts'
import { z95 } from '../intervals/wilson.ts'
import { effectiveCount } from '../steady/autocorrelation.ts'
import type { TestedEffect, LatencySides } from './latency-effect.ts'
import type { RunToRun } from './run-to-run.ts'

/**
 * For sides that are not steady or too correlated for an interval: a difference is certain enough
 * when every stretch of one side lies above every stretch of the other, by more than the tolerance
 * and by more than runs of the same thing differ. Undefined when they overlap.
 *
 * The chance of that, if both sides were the same, is 2 / C(a + b, a), where a and b are the
 * effective numbers of stretches (exact rank test, Wilcoxon 1945). The interval is the widest the
 * stretches allow: smallest over largest to largest over smallest.
 */
export function separatedEffect(
  sides: LatencySides,
  { runToRun, tolerance }: { readonly runToRun: RunToRun; readonly tolerance: number },
): TestedEffect | undefined {
  const base = sides.base.flatMap(run => [...run])
  const candidate = sides.candidate.flatMap(run => [...run])
  const low = Math.min(...candidate) - Math.max(...base)
  const high = Math.max(...candidate) - Math.min(...base)
  const gap = Math.max(low, -high)
  const runError =
    runToRun.deviation * Math.sqrt(1 / sides.base.length + 1 / sides.candidate.length)
  if (!(gap > Math.max(Math.log(1 + tolerance), z95 * runError))) return undefined
  const value = hodgesLehmann(base, candidate)
  return {
    effect: { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) },
    p: Math.min(1, 2 / choices(independent(sides.base), independent(sides.candidate))),
    equivalenceP: 1,
    runShare: 0,
  }
}

function independent(runs: readonly Float64Array[]): number {
  const counts = runs.map(run => Math.max(1, Math.floor(effectiveCount(run))))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Ways to choose `a` of a + b things. */
function choices(a: number, b: number): number {
  let ways = 1
  for (let i = 1; i <= a; i++) ways = (ways * (b + i)) / i
  return ways
}
