import type { Histogram } from './histogram.ts'
import type { KeptSample, SeriesKind } from './sample.ts'
import type { ThresholdResult } from './threshold.ts'
import type { Validity } from './validity.ts'
import type { CheckWindow, FailureCount } from './window.ts'

/** Everything measured in one run. Reports, dashboard and diagnosis all read this one object. */
export interface RunSummary {
  readonly run: RunFacts
  /** Over the measured part of the run (warm-up left out). */
  readonly totals: RunTotals
  readonly series: readonly SeriesSummary[]
  readonly checks: readonly CheckSummary[]
  readonly scenarios: readonly ScenarioSummary[]
  readonly thresholds: readonly ThresholdResult[]
  readonly validity: Validity
  /** One entry a second from run start, warm-up included, without holes. */
  readonly timeline: readonly TimelinePoint[]
  readonly kept: readonly KeptSample[]
  readonly keptDropped: number
  /** Names folded into '(other)' because there were more than 500. */
  readonly foldedNames: readonly string[]
  /** Things the user should know: folded names, script errors with their place, lost workers. */
  readonly warnings: readonly string[]
  readonly scriptErrors: readonly ScriptErrorCount[]
  /** What the comparison with an earlier run came to; absent when none was asked for. */
  readonly baseline?: BaselineVerdict
}

export interface BaselineVerdict {
  /** Id of the run compared with. */
  readonly runId: string
  readonly verdict: 'regressed' | 'improved' | 'equivalent' | 'inconclusive'
  /** Why, in a sentence without a full stop. */
  readonly because: string
  /** "Cannot tell" is to fail the run. */
  readonly strict: boolean
}

export interface RunFacts {
  readonly id: string
  readonly script: string
  readonly startedAtUnixMs: number
  /** From run start to the last exchange or the declared end, warm-up included. */
  readonly durationUs: number
  /** Time left out at the start, 0 when none. */
  readonly warmUpUs: number
  readonly endState: 'finished' | 'aborted' | 'crashed'
  /** Why it was aborted or crashed, in words; undefined when finished. */
  readonly endReason: string | undefined
  /** Host that the safety guard refused, which ended the run; undefined when it refused none. */
  readonly refusedHost: string | undefined
  readonly model: 'open' | 'closed' | 'mixed'
  readonly workers: number
  readonly seed: number
  readonly tags: Readonly<Record<string, string>>
  readonly loadstoneVersion: string
}

export interface RunTotals {
  /** Exchanges (kind 'request'). */
  readonly requests: number
  readonly failures: number
  /** Measured time the rates refer to, s. */
  readonly measuredSeconds: number
  /** Iterations that ended, completed or failed; those cut off by the end of the run are not. */
  readonly iterations: number
  readonly drops: number
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface SeriesSummary {
  readonly kind: SeriesKind
  readonly scenario: string
  readonly name: string
  readonly ok: OutcomeSummary
  readonly failed: OutcomeSummary
  readonly statuses: Readonly<Record<string, number>>
  readonly failures: readonly FailureCount[]
  readonly bytesIn: number
  readonly bytesOut: number
  /** Requests sent again because a kept-alive connection had closed; always 0 for steps, polls. */
  readonly retries: number
}

export interface OutcomeSummary {
  readonly count: number
  readonly latency: Histogram
  readonly serviceTime: Histogram
}

/** A check's counts over the measured part of the run. */
export type CheckSummary = CheckWindow

export interface ScenarioSummary {
  readonly scenario: string
  readonly model: 'open' | 'closed'
  readonly iterationsStarted: number
  readonly iterationsCompleted: number
  readonly iterationsFailed: number
  readonly iterationsInterrupted: number
  readonly drops: Readonly<Record<string, number>>
  readonly startDelay: Histogram
}

/** One second of the whole run, all workers merged. */
export interface TimelinePoint {
  readonly index: number
  readonly users: number
  readonly requests: number
  readonly failures: number
  readonly drops: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** All exchanges of the second, both outcomes. */
  readonly latency: Histogram
  /** Per series name (kind request), for history files. */
  readonly perName: readonly TimelineName[]
}

export interface TimelineName {
  readonly scenario: string
  readonly name: string
  readonly requests: number
  readonly failures: number
  readonly latency: Histogram
}

export interface ScriptErrorCount {
  readonly scenario: string
  /** 'checkout.ts:12:9: TypeError: ...': the script's own file, line and column. */
  readonly message: string
  readonly count: number
}
