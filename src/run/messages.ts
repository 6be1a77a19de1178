import type { LogLevel } from '../base/index.ts'
import type { SpanBatch, WindowData } from '../metrics/index.ts'
import type { DataRows, ScriptBundle, TestPlan } from '../plan/index.ts'
import type { RateChange, Share } from '../schedule/index.ts'

/** Everything a controller tells a worker. Plain data: the same over a thread or a network. */
export type ToWorker =
  | {
      readonly kind: 'prepare'
      readonly runId: string
      readonly plan: TestPlan
      readonly bundle: ScriptBundle
      readonly share: Share
      readonly data: readonly DataRows[]
      readonly logLevel: LogLevel
      /** The users' spans are wanted. */
      readonly spans: boolean
    }
  /** Only worker 0 is asked. */
  | { readonly kind: 'setup' }
  | { readonly kind: 'start'; readonly startAtUnixMs: number; readonly setup: unknown }
  | { readonly kind: 'adjustUsers'; readonly delta: number }
  | { readonly kind: 'changeRate'; readonly change: RateChange }
  | { readonly kind: 'pause'; readonly paused: boolean }
  | { readonly kind: 'stop'; readonly how: 'graceful' | 'now' }
  /** Only worker 0 is asked, after every worker has ended. */
  | { readonly kind: 'teardown'; readonly setup: unknown }
  | { readonly kind: 'close' }

/** Everything a worker tells its controller. `worker` is the index of its share. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly worker: number }
  /** Plain data, or the error in the script's own words. */
  | {
      readonly kind: 'setupDone'
      readonly worker: number
      readonly setup: unknown
      readonly error: string | undefined
    }
  | { readonly kind: 'window'; readonly worker: number; readonly window: WindowData }
  /** At most 5,000 a second and worker, and a few more of iterations under way. */
  | {
      readonly kind: 'spans'
      readonly worker: number
      readonly batch: SpanBatch
    }
  | {
      readonly kind: 'scriptError'
      readonly worker: number
      /** Its name, or `outsideIterations` when that cannot be told. */
      readonly scenario: string
      readonly message: string
      /** Times it was thrown since it was last reported, 1 or more. */
      readonly count: number
    }
  /** The safety guard refused a connection to this host. Each worker says so once a run. */
  | { readonly kind: 'guard'; readonly worker: number; readonly host: string }
  | {
      readonly kind: 'log'
      readonly worker: number
      readonly level: LogLevel
      readonly message: string
    }
  /** All virtual users have ended and the last window was sent. */
  | { readonly kind: 'ended'; readonly worker: number; readonly exhausted: readonly string[] }
  | { readonly kind: 'teardownDone'; readonly worker: number; readonly error: string | undefined }
  /** The worker cannot go on: a bug of ours, or a script that cannot be loaded there. */
  | {
      readonly kind: 'crashed'
      readonly worker: number
      readonly blame: 'us' | 'script'
      readonly message: string
    }
