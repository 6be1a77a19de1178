import { shareEffect, type ShareCounts } from '../effects/share-effect.ts'
import type { ComparisonSettings, ShareMeasure } from './comparison.ts'
import type { Side } from './side.ts'
import {
  noSamples,
  type MeasuredPair,
  type StretchPlan,
  type TestedMeasure,
} from './stretch-plan.ts'
import { cut, stretchesMin, sum, type SteadyPart } from './stretches.ts'

interface ShareOptions {
  readonly plan: StretchPlan
  readonly settings: ComparisonSettings
}

/** Compares the share of failed exchanges of one name. */
export function measureErrors(pair: MeasuredPair, options: ShareOptions): TestedMeasure {
  const counts = (parts: readonly SteadyPart[], seconds: number) => {
    const slices = cut(parts, seconds).flat()
    return {
      hits: slices.map(one => one.failures),
      totals: slices.map(one => one.count),
      runs: parts.length,
    }
  }
  const seconds = shareSeconds(options.plan)
  const sides = { base: counts(pair.base, seconds), candidate: counts(pair.candidate, seconds) }
  return measureShare('errors', sides, options)
}

/** Compares the share of dropped arrivals, of exchanges and dropped arrivals together. */
export function measureDrops(base: Side, candidate: Side, options: ShareOptions): TestedMeasure {
  const seconds = shareSeconds(options.plan)
  const counts = ({ runs, overall }: Side) => {
    const pieces = overall.flatMap((part, run) => dropCounts(part, runs[run]?.drops ?? [], seconds))
    return {
      hits: pieces.map(piece => piece.drops),
      totals: pieces.map(piece => piece.all),
      runs: runs.length,
    }
  }
  return measureShare('drops', { base: counts(base), candidate: counts(candidate) }, options)
}

/** Long enough to be independent, unless that would leave fewer than 12 stretches. */
const shareSeconds = ({ usualSeconds, independentSeconds, shorterSeconds }: StretchPlan) =>
  Math.max(
    1,
    Math.min(Math.max(usualSeconds, independentSeconds), Math.floor(shorterSeconds / stretchesMin)),
  )

function dropCounts(part: SteadyPart, drops: readonly number[], seconds: number) {
  const slices = cut([part], seconds).flat()
  const first = part.toSecond - slices.length * seconds
  return slices.map((slice, i) => {
    const from = first + i * seconds
    const dropped = sum(drops.slice(from, from + seconds))
    return { drops: dropped, all: slice.count + dropped }
  })
}

function measureShare(
  measure: ShareMeasure,
  { base, candidate }: { readonly base: ShareCounts; readonly candidate: ShareCounts },
  { plan, settings }: ShareOptions,
): TestedMeasure {
  const share = ({ hits, totals }: ShareCounts) => sum(hits) / sum(totals)
  const stretches = {
    seconds: shareSeconds(plan),
    base: base.totals.length,
    candidate: candidate.totals.length,
  }
  const tolerance = settings.tolerances[measure]
  const row = { measure, base: share(base), candidate: share(candidate), tolerance, stretches }
  const empty = !(sum(base.totals) > 0 && sum(candidate.totals) > 0)
  if (empty) return { ...row, tested: undefined, reason: noSamples }
  const runToRun = settings.runToRun[measure]
  return {
    ...row,
    tested: shareEffect(base, candidate, { tolerance, runToRun }),
    reason: undefined,
  }
}
