import type { Effect } from '../effects/latency-effect.ts'
import type { RunToRun } from '../effects/run-to-run.ts'
import type { DecileShift } from '../percentiles/shift-function.ts'
import type { Steadiness } from '../steady/steadiness.ts'
import type { SliceSource } from './slices.ts'

export type Verdict = 'regressed' | 'improved' | 'equivalent' | 'inconclusive'

export const latencyMeasures = ['p50', 'p95', 'p99'] as const
export type LatencyMeasure = (typeof latencyMeasures)[number]
export type ShareMeasure = 'errors' | 'drops'
export type Measure = LatencyMeasure | ShareMeasure

/** Whether its values are shares and its effect a difference, not latencies and a ratio. */
export const isShare = (measure: Measure): measure is ShareMeasure =>
  measure === 'errors' || measure === 'drops'

export const percentOf: Readonly<Record<LatencyMeasure, number>> = { p50: 50, p95: 95, p99: 99 }

/** One run of a side. */
export interface ComparedRun {
  /** All names together. */
  readonly overall: SliceSource
  readonly names: ReadonlyMap<string, SliceSource>
  /** Arrivals dropped in each second from run start; absent when there were none. */
  readonly drops?: readonly number[]
  /** Users of a closed-model run; absent under an arrival rate. */
  readonly closedUsers?: number
  /** The seconds to look at, such as one stage. @default all */
  readonly part?: { readonly fromSecond: number; readonly toSecond: number }
}

export interface ComparisonSettings {
  /** Differences that do not matter: ratios for latency (0.05 is 5 %), shares for the rest. */
  readonly tolerances: Readonly<Record<Measure, number>>
  readonly runToRun: Readonly<Record<Measure, RunToRun>>
  /** Share of false ones among all differences found, 0..1. */
  readonly falseDiscoveryRate: number
  /** Loads (requests/s, users) that differ by no more than this ratio are the same. */
  readonly loadTolerance: number
  /** Of the bootstrap: same seed, same result. */
  readonly seed: number
  readonly resamples: number
}

export const defaultSettings: ComparisonSettings = {
  tolerances: { p50: 0.05, p95: 0.1, p99: 0.15, errors: 0.001, drops: 0.001 },
  runToRun: {
    p50: { deviation: 0.03, freedom: Infinity },
    // A tail that is longer or shorter by 8 % at p99 is so by 6.5 % at p95 (exponential latencies).
    p95: { deviation: 0.065, freedom: Infinity },
    p99: { deviation: 0.08, freedom: Infinity },
    // Such a tail moves the share beyond a time limit by a third and more.
    errors: { deviation: 0.3, freedom: Infinity },
    drops: { deviation: 0.3, freedom: Infinity },
  },
  falseDiscoveryRate: 0.05,
  loadTolerance: 0.03,
  seed: 1,
  resamples: 400,
}

/** Why a measure got no other verdict than 'inconclusive'. */
export type ReasonCode =
  | 'no samples'
  | 'too few samples'
  | 'too short'
  | 'not steady'
  | 'loads differ'
  | 'may be chance'
  | 'too uncertain'

export interface Reason {
  readonly code: ReasonCode
  /** A sentence that says what was seen and what would help. */
  readonly words: string
}

/** One measure of one name, compared. */
export interface MeasureComparison {
  readonly measure: Measure
  /** Latency in µs or a share 0..1 over the steady part; NaN without samples. */
  readonly base: number
  readonly candidate: number
  /** Candidate over base for latency, candidate minus base for shares. */
  readonly effect: Effect | undefined
  readonly tolerance: number
  /** Chance of such a difference if there were none, and the same after all tests (BH). */
  readonly p: number | undefined
  readonly q: number | undefined
  /** Chance of so small a difference if the true one were at the tolerance, and after all tests. */
  readonly equivalenceP: number | undefined
  readonly equivalenceQ: number | undefined
  readonly verdict: Verdict
  /** Present when the verdict is 'inconclusive'. */
  readonly reason: Reason | undefined
  /** What a reader should know beside the verdict, such as less load. */
  readonly note: string | undefined
  readonly stretches: StretchFacts
}

/** Into how many stretches of which length the steady parts were cut; 0 when they could not be. */
export interface StretchFacts {
  readonly seconds: number
  readonly base: number
  readonly candidate: number
}

export interface NameComparison {
  readonly name: string
  readonly measures: readonly MeasureComparison[]
  /** Deciles, for the overall row and for names that changed; empty otherwise. */
  readonly shift: readonly DecileShift[]
}

/** What was used of one run. */
export interface RunUse {
  /** Seconds thrown away at the start as warm-up. */
  readonly warmUpSeconds: number
  readonly steadySeconds: number
  readonly steadiness: Steadiness
  /** Over the steady part. */
  readonly requests: number
  readonly requestsPerSecond: number
}

export interface Loads {
  readonly matched: boolean
  /** Candidate over base. */
  readonly ratio: number
  readonly words: string
}

export interface RunComparison {
  /**
   * 'regressed' if any measure of any name did; else 'improved' if one of all names together did;
   * else 'equivalent' if all of these are; else 'inconclusive'.
   */
  readonly verdict: Verdict
  readonly base: readonly RunUse[]
  readonly candidate: readonly RunUse[]
  readonly loads: Loads
  readonly overall: NameComparison
  /** Names that both sides have, in the order of the base. */
  readonly names: readonly NameComparison[]
  readonly onlyInBase: readonly string[]
  readonly onlyInCandidate: readonly string[]
  /** Number of measures that were tested together. */
  readonly tests: number
  readonly settings: ComparisonSettings
}
