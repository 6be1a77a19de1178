/**
 * What the dashboard's server and its pages say to each other: plain data as JSON, and seconds as
 * the bytes of metrics' `encodeSecond`. The HTML report carries the same objects.
 *
 *   GET    /api/info                    ServerInfo
 *   GET    /api/runs?tag=k=v&limit=100  { runs: RunItem[] }, the newest first
 *   GET    /api/runs/:id                RunPage; ':id' may be a unique beginning, or 'last'
 *   GET    /api/runs/:id/seconds?from=0&to=600&span=1
 *                                       application/octet-stream: each second as a little-endian
 *                                       uint32 of its length and its bytes; `span` merges so many
 *   GET    /api/runs/:id/live           text/event-stream, see LiveEvent; begins after the second
 *                                       of `?after=N` (-1: all), now without it; resumes at
 *                                       Last-Event-ID
 *   GET    /api/compare?base=ID&candidate=ID
 *                                       ComparisonPage; one is made at a time, a few more wait
 *   POST   /api/runs                    StartOrder -> 201 { id }
 *   POST   /api/runs/:id/commands       RunCommand -> 204
 *   DELETE /api/runs/:id                204
 *   GET    /metrics                     the running run's numbers for Prometheus
 *
 * Every refusal is a Refusal with status 400, 401, 403, 404, 409, or 500 for a bug.
 * With a token every request needs `authorization: Bearer <token>` or the cookie that opening
 * /?token=<token> sets.
 */
import type { Mark, ThresholdResult, Validity } from '../metrics/index.ts'
import type { RunComparison } from '../statistics/index.ts'
import type { RunEnvironment, RunState } from '../store/index.ts'

export type { Mark, RunEnvironment, RunState }

export interface ServerInfo {
  readonly loadstoneVersion: string
  /** Runs can be started from the page. */
  readonly canStart: boolean
  /** Scripts found below the working directory, for the form; at most 200. */
  readonly scripts: readonly string[]
  /** The run that is under way in this process. */
  readonly runningId?: string
}

/** One line of the list of runs. */
export interface RunItem {
  readonly id: string
  readonly script: string
  readonly state: RunState
  /** 'pass', 'threshold' ...: how decideExit judged it; absent while it runs or it was killed. */
  readonly verdict?: string
  readonly startedAtUnixMs: number
  readonly durationUs: number
  readonly warmUpUs: number
  readonly model: 'open' | 'closed' | 'mixed'
  readonly workers: number
  readonly tags: Readonly<Record<string, string>>
  readonly requests: number
  readonly failures: number
  readonly drops: number
  /** Encoded histogram of all measured requests, base64. */
  readonly latency: string
  readonly storedBytes: number
}

/** A Validity without its histograms: a page makes those from the seconds. */
export type PageValidity = Omit<Validity, 'startDelay' | 'eventLoopDelay'>

/** A scenario and its load, in words that are shown. */
export interface ScenarioOutline {
  readonly scenario: string
  readonly model: 'open' | 'closed'
  readonly target: string
  /** 'up to 50 users for 2m', 'as the load profile says'. */
  readonly load: string
  /** The intended load at moments of the run, for drawing: users or arrivals per second. */
  readonly profile: readonly { readonly atUs: number; readonly value: number }[]
}

/** Everything of a run that is not in its seconds. */
export interface RunPage {
  readonly item: RunItem
  readonly endReason?: string
  readonly seed: number
  readonly environment: RunEnvironment
  readonly scenarios: readonly ScenarioOutline[]
  readonly marks: readonly Mark[]
  /** As far as they can be judged now; a running run's are judged again every few seconds. */
  readonly thresholds: readonly ThresholdResult[]
  readonly validity: PageValidity
  readonly warnings: readonly string[]
  readonly scriptErrors: readonly {
    readonly scenario: string
    readonly message: string
    readonly count: number
  }[]
  /** The run belongs to this process and can be steered now. */
  readonly steerable: boolean
}

/** A number that is none (no samples) is null. */
export interface ComparisonPage {
  readonly base: RunItem
  readonly candidate: RunItem
  readonly comparison: RunComparison
  /** One sentence: why the verdict is what it is. */
  readonly because: string
  /**
   * What a reader should know beside it: different machines, names of one side only, how much runs
   * of the same thing differ.
   */
  readonly notes: readonly string[]
}

/**
 * `event:` and the JSON in `data:` of the live feed; a second's `id:` is its index. Marks and log
 * lines have ids of their own, so that a feed that is resumed has each of them once. 'phase' and
 * 'judged' are told at the beginning of every feed and when they change: only the last counts.
 */
export type LiveEvent =
  /** Base64 of encodeSecond. */
  | { readonly event: 'second'; readonly data: string }
  | { readonly event: 'mark'; readonly data: Mark }
  | { readonly event: 'phase'; readonly data: { readonly phase: string; readonly paused: boolean } }
  | {
      readonly event: 'judged'
      readonly data: Pick<RunPage, 'thresholds' | 'validity' | 'warnings' | 'scriptErrors'>
    }
  | { readonly event: 'log'; readonly data: { readonly level: string; readonly message: string } }
  /** The feed is over; the page may be read again. */
  | { readonly event: 'ended'; readonly data: { readonly id: string } }

/** What the form sends. Text like '5m' is read as the command line reads it. */
export interface StartOrder {
  readonly script: string
  readonly host?: string
  readonly users?: number
  /** '50/s'. */
  readonly rate?: string
  readonly duration?: string
}

export type RunCommand =
  | { readonly kind: 'users'; readonly delta: number }
  /** Arrivals per second of open scenarios, times this factor from now on, above 0. */
  | { readonly kind: 'rate'; readonly factor: number }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'stop'; readonly how: 'graceful' | 'now' }

export interface Refusal {
  readonly error: string
}
