import type { Clock, Log } from '../../base/index.ts'
import type { Recorder } from '../../metrics/index.ts'
import type { HttpSession, ScenarioPlan } from '../../plan/index.ts'
import type { ExchangeClient } from '../../protocols/index.ts'
import type { Tracing } from './trace-context.ts'

/** What the session needs to know of its virtual user; the engine keeps it up to date. */
export interface SessionUser {
  readonly id: number
  /** -1 in onStart. */
  iteration: number
  /**
   * Intended start of the current iteration, µs, until its first exchange took it; then undefined.
   * The start delay belongs to the first exchange of an iteration.
   */
  pendingIntendedAtUs: number | undefined
  /** True once the user has ended or its iteration is over: a late call is a script error. */
  closed: boolean
}

export interface SessionOptions {
  readonly scenario: ScenarioPlan
  readonly user: SessionUser
  readonly client: ExchangeClient
  readonly clock: Clock
  /** undefined: nothing is measured (setup, teardown, cleanup). */
  readonly recorder: Recorder | undefined
  readonly tracing: Tracing
  readonly log: Log
  /** Folder of the script: relative file paths of multipart parts start here. */
  readonly scriptFolder: string
}

/** Thrown through the script by a `required` exchange that failed; ends the iteration, is no script error. */
export class RequiredExchangeFailed extends Error {
  override readonly name = 'RequiredExchangeFailed'
}

export interface ClosableSession extends HttpSession {
  /** Ends its own connections (not a shared client's). */
  close(): void
}

/** The HTTP session of one virtual user. */
export function openSession(_options: SessionOptions): ClosableSession {
  throw new Error('not built')
}
