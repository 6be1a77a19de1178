import type { KeptSample, Outcome, SeriesKind } from './sample.ts'

/**
 * One second of one worker, as plain data: what travels to the controller. `index` n covers
 * [n s, n+1 s) since run start. A worker closes every window exactly once, in order; a window
 * without samples is sent too, for its generator figures.
 */
export interface WindowData {
  readonly index: number
  readonly worker: number
  readonly series: readonly SeriesWindow[]
  readonly checks: readonly CheckWindow[]
  readonly scenarios: readonly ScenarioWindow[]
  readonly generator: GeneratorWindow
  /** The slowest and the first failed samples of the second, up to a limit. */
  readonly kept: readonly KeptSample[]
  /** Failed samples that were counted but not kept whole, because of that limit. */
  readonly keptDropped: number
  /** Names that were folded into '(other)', each told once; the first 20 of names and of checks. */
  readonly foldedNames: readonly string[]
}

/** Samples with the same scenario, kind, name and outcome. Histograms are in their encoded form. */
export interface SeriesWindow {
  readonly kind: SeriesKind
  readonly scenario: string
  readonly name: string
  readonly outcome: Outcome
  readonly count: number
  readonly latency: Uint8Array
  readonly serviceTime: Uint8Array
  /** Answers per status; '0' is "no answer". */
  readonly statuses: Readonly<Record<string, number>>
  readonly failures: readonly FailureCount[]
  readonly bytesIn: number
  readonly bytesOut: number
  /** Requests sent again because a kept-alive connection had closed; always 0 for steps, polls. */
  readonly retries: number
}

export interface FailureCount {
  readonly reason: string
  readonly count: number
  readonly firstAtUs: number
  readonly lastAtUs: number
}

/** A yes/no statement about the answers of one request series. */
export interface CheckWindow {
  readonly scenario: string
  /** Series name of the request the check belongs to. */
  readonly name: string
  /** 'status' (an explicit expect), 'schema', 'check', or the check's own name. */
  readonly check: string
  readonly passed: number
  readonly failed: number
  /** Reason text of the first failure; '' when none. */
  readonly firstReason: string
}

export interface ScenarioWindow {
  readonly scenario: string
  /** Virtual users running at the end of the window. */
  readonly users: number
  readonly iterationsStarted: number
  readonly iterationsCompleted: number
  /** Iterations that ended early: the script threw, or a required exchange failed. */
  readonly iterationsFailed: number
  /** Iterations cut off by the end of the run. */
  readonly iterationsInterrupted: number
  /** Intended iterations that never started, by reason ('user limit', 'stopped'). */
  readonly drops: Readonly<Record<string, number>>
  /** Encoded histogram of start delay, µs: real start minus intended start of iterations. */
  readonly startDelay: Uint8Array
}

/** How busy the generator itself was in this second. */
export interface GeneratorWindow {
  /** CPU seconds used by this worker (its thread) in the window, per second: 1 is one core. */
  readonly cpuRatio: number
  /** Event loop utilisation of the worker thread, 0..1. */
  readonly eventLoopUtilization: number
  /** Encoded histogram of event-loop delay, µs, the probe's own resolution taken off. */
  readonly eventLoopDelay: Uint8Array
  readonly memoryBytes: number
}
