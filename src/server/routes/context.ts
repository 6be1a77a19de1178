import type { Clock } from '../../base/index.ts'
import type { ComparisonReport } from '../../report/index.ts'
import type { RunStore } from '../../store/index.ts'
import type { StartOrder } from '../api.ts'
import type { LiveRun } from '../live/live-run.ts'

/** Starts runs in this process, as the command line does. */
export interface RunStarter {
  /** Scripts below the working directory, relative to it; the only ones that `start` takes. */
  scripts(): Promise<readonly string[]>
  /**
   * Prepares a run and begins it; it is announced to the dashboard before this resolves with its
   * id. Rejects with a UsageError in the words of the command line.
   */
  start(order: StartOrder): Promise<string>
}

/**
 * Compares two runs of the store, named by their whole ids, as the command line does. Ends early
 * when the signal fires, and rejects; takes nothing of this thread's time.
 */
export type CompareStored = (
  runs: { readonly base: string; readonly candidate: string },
  signal: AbortSignal,
) => Promise<ComparisonReport>

/** What the routes work with. */
export interface DashboardContext {
  readonly store: RunStore | undefined
  readonly clock: Clock
  readonly starter: RunStarter | undefined
  readonly compare: CompareStored | undefined
  readonly loadstoneVersion: string
  /** The last run of this process, under way or over; undefined before the first. */
  readonly current: () => LiveRun | undefined
}
