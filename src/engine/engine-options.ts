import type { Clock, Log } from '../base/index.ts'
import type { Recorder } from '../metrics/index.ts'
import type { DataRows, ScriptModule, TestPlan } from '../plan/index.ts'
import type { Share } from '../schedule/index.ts'
import type { SpanSink } from './spans/span-maker.ts'

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
  /** The safety guard refused a connection to this host. Told for every such connection. */
  readonly onHostRefused: (host: string) => void
  /** Takes spans of the users. @default no spans are made, and an exchange is a trace of its own */
  readonly spans?: SpanSink | undefined
}
