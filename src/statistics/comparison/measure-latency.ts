import { latencyEffect, type LatencySides } from '../effects/latency-effect.ts'
import { separatedEffect } from '../effects/separation.ts'
import { overdispersion } from '../intervals/overdispersion.ts'
import { harrellDavis, type Bucket } from '../percentiles/harrell-davis.ts'
import { highestPercentile, samplesBeyond } from '../percentiles/highest-percentile.ts'
import {
  percentOf,
  type ComparisonSettings,
  type LatencyMeasure,
  type Reason,
} from './comparison.ts'
import type { Slice } from './slices.ts'
import {
  noSamples,
  shortage,
  type MeasuredPair,
  type StretchPlan,
  type TestedMeasure,
} from './stretch-plan.ts'
import { cut, stretchesMin, sum, type SteadyPart } from './stretches.ts'

/** So many samples of a stretch should lie beyond the percentile that stands for it. */
const beyondInStretch = 3

interface LatencyOptions {
  readonly plan: StretchPlan
  readonly settings: ComparisonSettings
}

/**
 * Compares one latency percentile of one name. Pairs that are not steady or too short for an
 * interval are still tested for a difference that leaves no doubt (separatedEffect).
 */
export function measureLatency(
  pair: MeasuredPair,
  measure: LatencyMeasure,
  { plan, settings }: LatencyOptions,
): TestedMeasure {
  const percent = percentOf[measure]
  const tolerance = settings.tolerances[measure]
  if (plan.perSecond === 0) return { ...untested(pair, measure), tolerance, reason: noSamples }
  const enough = Math.ceil(beyondInStretch / (1 - percent / 100) / plan.perSecond)
  const short = Math.max(plan.usualSeconds, enough)
  const long = Math.max(short, plan.independentSeconds)
  const doubt = unsteadiness(pair) ?? shortage(plan, { measure, seconds: long })
  const seconds = doubt === undefined ? long : short
  const base = stretchSide(pair.base, seconds, percent)
  const candidate = stretchSide(pair.candidate, seconds, percent)
  const stretches = { seconds, base: base.count, candidate: candidate.count }
  const row = { measure, base: base.valueUs, candidate: candidate.valueUs, tolerance, stretches }
  const scarce = scarcity(measure, Math.min(base.effective, candidate.effective))
  if (scarce !== undefined) return { ...row, tested: undefined, reason: scarce }
  const sides: LatencySides = { base: base.logs, candidate: candidate.logs }
  const limits = { runToRun: settings.runToRun[measure], tolerance }
  if (doubt !== undefined) {
    const few = Math.min(base.count, candidate.count) < stretchesMin
    return { ...row, tested: few ? undefined : separatedEffect(sides, limits), reason: doubt }
  }
  const { resamples, seed } = settings
  const random = { resamples, seed, stream: `${pair.name}/${measure}` }
  return { ...row, tested: latencyEffect(sides, { ...limits, ...random }), reason: undefined }
}

function untested({ base, candidate }: MeasuredPair, measure: LatencyMeasure) {
  return {
    measure,
    base: harrellDavis(mergedBuckets(base), percentOf[measure]),
    candidate: harrellDavis(mergedBuckets(candidate), percentOf[measure]),
    tested: undefined,
    stretches: { seconds: 0, base: 0, candidate: 0 },
  }
}

interface StretchSide {
  readonly valueUs: number
  /** Number of stretches. */
  readonly count: number
  /** Number of independent samples all of them are worth. */
  readonly effective: number
  readonly logs: Float64Array[]
}

function stretchSide(parts: readonly SteadyPart[], seconds: number, percent: number): StretchSide {
  const runs = cut(parts, seconds)
  const slices = runs.flat()
  const valueUs = harrellDavis(mergedBuckets(parts), percent)
  const logOf = (slice: Slice) => Math.log(Math.max(slice.percentileUs(percent), 1e-3))
  return {
    valueUs,
    count: slices.length,
    effective: effectiveSamples(slices, valueUs),
    logs: runs.map(run => Float64Array.from(run.filter(slice => slice.count > 0).map(logOf))),
  }
}

/** All samples over the overdispersion of those above `valueUs`. */
export function effectiveSamples(slices: readonly Slice[], valueUs: number): number {
  const totals = slices.map(slice => slice.count)
  const hits = slices.map(slice => slice.countAbove(valueUs))
  return sum(totals) / overdispersion({ hits, totals })
}

/** Buckets of several runs in one list, smallest value first. */
export function mergedBuckets(parts: readonly SteadyPart[]): readonly Bucket[] {
  const lists = parts.map(part => part.source.merged(part.fromSecond, part.toSecond).buckets())
  return lists.length === 1 ? lists[0]! : lists.flat().sort((a, b) => a.valueUs - b.valueUs)
}

function scarcity(measure: LatencyMeasure, effective: number): Reason | undefined {
  if (effective * (1 - percentOf[measure] / 100) >= samplesBeyond) return undefined
  const highest = highestPercentile(effective)
  const enough = highest === undefined ? 'not even for the median' : `up to p${highest}`
  const words =
    `${measure} needs ${samplesBeyond} independent samples beyond it; ` +
    `there are enough ${enough}`
  return { code: 'too few samples', words }
}

const unsteadiness = ({ unsteady }: MeasuredPair): Reason | undefined =>
  unsteady === undefined ? undefined : { code: 'not steady', words: unsteady }
