import type { Clock, Log } from '../base/index.ts'
import type { Recorder } from '../metrics/index.ts'
import type { DataRows, ScriptModule, TestPlan } from '../plan/index.ts'
import type { Share } from '../schedule/index.ts'

export interface EngineOptions {
  readonly plan: TestPlan
  readonly runId: string
  readonly script: ScriptModule
  readonly scriptFolder: string
  readonly share: Share
  /** This worker's share of the rows. */
  readonly data: readonly DataRows[]
  /** 0 µs is the start of the run. */
  readonly clock: Clock
  readonly recorder: Recorder
  readonly log: Log
  /** What the plan's setup returned. */
  readonly setup: unknown
  /** A script threw; the iteration has failed and the run goes on. */
  readonly onScriptError: (scenario: string, message: string) => void
}

export interface EngineEnd {
  /** Sources that ran out of unique rows: 'scenario/source'. */
  readonly exhausted: readonly string[]
}

/** Runs one worker's virtual users from run start to the end of its load profiles. */
export interface Engine {
  /** Resolves when every virtual user has ended, whatever ended it. Never rejects for a target's or script's fault. */
  readonly ended: Promise<EngineEnd>
  /** Begins at 0 µs of the clock. */
  start(): void
  /** Live change: `delta` users more (or fewer) over all workers than the profile says (users profiles only). */
  adjustUsers(delta: number): void
  /** While paused no new iteration starts; intended starts in that time are counted drops ('paused'). */
  setPaused(paused: boolean): void
  /**
   * No new iterations. Running ones get until the plan's stop timeout (graceful) or none, then their
   * user's signal aborts and their exchanges end as interrupted. onStop and cleanup run, within bounds.
   */
  stop(how: 'graceful' | 'now'): void
}

export function createEngine(_options: EngineOptions): Engine {
  throw new Error('not built')
}
