import type { Log, Random } from '../../base/index.ts'
import type { HttpSession } from './exchange.ts'

/** One running copy of a scenario's behaviour, as the script sees it. */
export interface User<State = undefined, Data = Record<never, never>> {
  /** Unique over all workers, 0-based, never reused in a run. */
  readonly id: number
  /** 0-based count of this user's iterations; -1 in onStart. */
  readonly iteration: number
  /** What onStart returned. */
  readonly state: State
  readonly http: HttpSession
  /** Seeded per user: the same seed draws the same values on any number of workers. */
  readonly random: Random
  /** The current row of each data source. */
  readonly data: Data
  /** Values of -e and --env-file, and the script's own `env` defaults. */
  readonly env: Readonly<Record<string, string>>
  readonly log: Log
  /** Aborts when the run stops and the stop timeout is over. */
  readonly signal: AbortSignal
  /** What the plan's setup returned. */
  setup<T>(): T
  /** Pauses for a random time in [min, max]; one argument: exactly that long. */
  think(min: string, max?: string): Promise<void>
  /** Runs a timed, named group of exchanges, reported as its own series. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>
  /**
   * Calls `attempt` every `every` until it returns something other than undefined or false, which
   * is then the result; its completion time is a series. After `timeout` it gives up: a failure,
   * and undefined.
   */
  poll<T>(
    name: string,
    timing: { readonly every: string; readonly timeout: string },
    attempt: () => Promise<T | undefined | false>,
  ): Promise<T | undefined>
  /** Registers work for the end of the run; it runs even after an abort, last registered first. */
  cleanup(run: () => Promise<void>): void
}

/** What setup and teardown get: like a user, but nothing they do is measured. */
export interface SetupContext {
  readonly http: HttpSession
  readonly env: Readonly<Record<string, string>>
  readonly log: Log
  readonly random: Random
}
