import { shiftFunction, type DecileShift } from '../percentiles/shift-function.ts'
import {
  defaultSettings,
  latencyMeasures,
  type ComparedRun,
  type ComparisonSettings,
  type MeasureComparison,
  type NameComparison,
  type RunComparison,
  type Verdict,
} from './comparison.ts'
import { compareLoads } from './loads.ts'
import { effectiveSamples, measureLatency, mergedBuckets } from './measure-latency.ts'
import { measureDrops, measureErrors } from './measure-share.ts'
import { loadOf, namedParts, sideOf, unsteadyWords, type Side } from './side.ts'
import { remembering } from './slices.ts'
import { stretchPlan, type MeasuredPair, type TestedMeasure } from './stretch-plan.ts'
import { cut, usualLength, type SteadyPart } from './stretches.ts'
import { judgeAll } from './verdict.ts'

export interface RunsToCompare {
  /** One run or several of the same thing, at least one. */
  readonly base: readonly ComparedRun[]
  readonly candidate: readonly ComparedRun[]
}

/** Name of the row of all names together. */
const overallName = 'all'

/**
 * Compares two runs (or several of each): every name they share and all names together, by p50,
 * p95, p99, the share of failures and, overall, of dropped arrivals. docs/comparison.md describes
 * the method. Same input, same result.
 */
export function compareRuns(
  runs: RunsToCompare,
  given: Partial<ComparisonSettings> = {},
): RunComparison {
  const settings = { ...defaultSettings, ...given }
  const base = sideOf(runs.base)
  const candidate = sideOf(runs.candidate)
  const loads = compareLoads(loadOf(base), loadOf(candidate), settings.loadTolerance)
  const pairs = pairsOf(base, candidate)
  const rows = pairs.map(pair => measuresOf(pair, settings))
  if (hasDrops(runs)) rows[0]!.push(dropsOf(pairs[0]!, { base, candidate }, settings))
  const judged = judgeAll(rows.flat(), { loads, settings })
  const [overall, ...names] = pairs.map((pair, i) => {
    const before = rows.slice(0, i).reduce((sum, list) => sum + list.length, 0)
    return named(pair, judged.slice(before, before + rows[i]!.length))
  })
  return {
    verdict: verdictOfAll(overall!, names),
    base: base.uses,
    candidate: candidate.uses,
    loads,
    overall: overall!,
    names,
    onlyInBase: missing(base, candidate),
    onlyInCandidate: missing(candidate, base),
    tests: judged.filter(({ p }) => p !== undefined).length,
    settings,
  }
}

/** All names together first, then the names of both sides. */
function pairsOf(base: Side, candidate: Side): MeasuredPair[] {
  const unsteady = unsteadyOf(base, candidate)
  const all = { name: overallName, base: base.overall, candidate: candidate.overall, unsteady }
  const named = [...base.runs[0]!.names.keys()].flatMap(name => {
    const from = namedParts(base, name)
    const to = namedParts(candidate, name)
    if (from === undefined || to === undefined) return []
    return [{ name, base: from, candidate: to, unsteady }]
  })
  return [all, ...named]
}

function unsteadyOf(base: Side, candidate: Side): string | undefined {
  const inBase = unsteadyWords(base)
  const inCandidate = unsteadyWords(candidate)
  if (inBase !== undefined && inCandidate !== undefined) {
    return `neither side was steady: base: ${inBase}; candidate: ${inCandidate}`
  }
  if (inBase !== undefined) return `the base was not steady: ${inBase}`
  return inCandidate === undefined ? undefined : `the candidate was not steady: ${inCandidate}`
}

function measuresOf(given: MeasuredPair, settings: ComparisonSettings): TestedMeasure[] {
  const pair = rememberingPair(given)
  const plan = stretchPlan(pair)
  const latencies = latencyMeasures.map(measure =>
    measureLatency(pair, measure, { plan, settings }),
  )
  return [...latencies, measureErrors(pair, { plan, settings })]
}

/** All measures of a name look at the same stretches, which are forgotten with this pair. */
function rememberingPair(pair: MeasuredPair): MeasuredPair {
  const side = (parts: readonly SteadyPart[]) =>
    parts.map(part => ({ ...part, source: remembering(part.source) }))
  return { ...pair, base: side(pair.base), candidate: side(pair.candidate) }
}

const hasDrops = ({ base, candidate }: RunsToCompare) =>
  [...base, ...candidate].some(run => run.drops?.some(count => count > 0))

function dropsOf(
  pair: MeasuredPair,
  sides: { readonly base: Side; readonly candidate: Side },
  settings: ComparisonSettings,
): TestedMeasure {
  return measureDrops(sides.base, sides.candidate, { plan: stretchPlan(pair), settings })
}

function named(pair: MeasuredPair, measures: readonly MeasureComparison[]): NameComparison {
  const changed = measures.some(({ verdict }) => verdict === 'regressed' || verdict === 'improved')
  const shift = changed || pair.name === overallName ? shiftOf(pair) : []
  return { name: pair.name, measures, shift }
}

function shiftOf({ base, candidate }: MeasuredPair): DecileShift[] {
  const seconds = usualLength(base, candidate)
  const distribution = (parts: readonly SteadyPart[]) => {
    const slices = cut(parts, seconds).flat()
    const middleUs = slices[slices.length >> 1]?.percentileUs(50) ?? NaN
    const samples = effectiveSamples(slices, middleUs)
    return { buckets: mergedBuckets(parts), effectiveSamples: Math.max(1, samples) }
  }
  return shiftFunction(distribution(base), distribution(candidate))
}

/** A name that some run of the other side lacks. */
function missing(side: Side, other: Side): string[] {
  const names = new Set(side.runs.flatMap(run => [...run.names.keys()]))
  return [...names].filter(name => !other.runs.every(run => run.names.has(name)))
}

function verdictOfAll(overall: NameComparison, names: readonly NameComparison[]): Verdict {
  const has = (verdict: Verdict) => (name: NameComparison) =>
    name.measures.some(measure => measure.verdict === verdict)
  if ([overall, ...names].some(has('regressed'))) return 'regressed'
  if (has('improved')(overall)) return 'improved'
  return has('inconclusive')(overall) ? 'inconclusive' : 'equivalent'
}
