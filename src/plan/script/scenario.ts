import type { DataSource, RowsOf } from './data.ts'
import type { Load } from './load.ts'
import type { ThinkTime } from './think-time.ts'
import type { SetupContext, User } from './user.ts'

export type Sources = Readonly<Record<string, DataSource<unknown>>>

export interface TlsOptions {
  /** PEM files, relative to the script. `cert` and `key` together make it mutual TLS. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Name for SNI and verification when it differs from the target's host. */
  readonly serverName?: string
  /** Accept any certificate. The same as -k. @default false */
  readonly insecure?: boolean
}

export interface ScenarioSettings<S extends Sources> {
  /** Base URL: 'http://host:port', 'https://...', or 'unix:/path/to.sock'. -H overrides it. */
  readonly target?: string
  readonly load?: Load
  readonly thinkTime?: ThinkTime
  readonly data?: S
  /** Sent with every request to the target. */
  readonly headers?: Readonly<Record<string, string>>
  /** Of one exchange. @default '30s' */
  readonly timeout?: string
  /** 'perUser': each user its own keep-alive connections; 'shared': one pool per worker;
   * 'perRequest': a new connection every time. @default 'perUser' */
  readonly connections?: 'perUser' | 'shared' | 'perRequest'
  readonly tls?: TlsOptions
  /** Answers larger than this fail ('body too large'). @default '64MB' */
  readonly maxBody?: string
}

type Run<State, S extends Sources> = (user: User<State, RowsOf<S>>) => Promise<unknown>

/** A task: its function alone (weight 1), or with a weight. */
export type Task<State, S extends Sources> =
  Run<State, S> | { readonly weight?: number; readonly run: Run<State, S> }

export interface ScenarioOptions<State, S extends Sources> extends ScenarioSettings<S> {
  /** Once per user, before its first iteration; what it returns becomes the typed `user.state`. */
  readonly onStart?: (user: User<undefined, RowsOf<S>>) => Promise<State> | State
  /** Each iteration runs one of these, drawn by weight. Either tasks or iteration. */
  readonly tasks?: Readonly<Record<string, Task<NoInfer<State>, S>>>
  readonly iteration?: Run<NoInfer<State>, S>
  /** Once per user that started, at its end. */
  readonly onStop?: (user: User<NoInfer<State>, RowsOf<S>>) => Promise<unknown>
}

/** A named behaviour with its load profile: what `scenario()` returns and a script exports. */
export interface Scenario {
  readonly kind: 'loadstone.scenario'
  readonly name: string
  readonly options: ScenarioOptions<unknown, Sources>
}

/** Names a behaviour. The script's default export is one of these, or a `plan` of several. */
export function scenario<State = undefined, const S extends Sources = Record<never, never>>(
  name: string,
  options: ScenarioOptions<State, S>,
): Scenario {
  // Erased: the engine runs every scenario through the same functions and never looks into State.
  const erased = options as unknown as ScenarioOptions<unknown, Sources>
  return { kind: 'loadstone.scenario', name, options: erased }
}

export interface PlanOptions {
  readonly scenarios: readonly Scenario[]
  readonly thresholds?: readonly string[]
  /** Left out of every figure of the summary. @default '0s' */
  readonly warmUp?: string
  /** Hosts the run may load besides loopback and private addresses; '*.example.com' is allowed. */
  readonly allowedHosts?: readonly string[]
  /** Defaults of `user.env`; -e and --env-file override them. */
  readonly env?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
  readonly seed?: number
  readonly workers?: number
  /** Time that running iterations get to finish. @default '30s' */
  readonly stopTimeout?: string
  readonly tracing?: {
    /** Share of exchanges whose traceparent says "sampled", 0..1. @default 1 */
    readonly sampled?: number
  }
  /** Caps of the safety guard. @default 50000 users, 200000 starts per second */
  readonly limits?: { readonly maxUsers?: number; readonly maxRate?: string | number }
  /** Once, before the first user; what it returns (plain data) is `user.setup()`. */
  readonly setup?: (context: SetupContext) => Promise<unknown>
  /** Once, after the last user, even after an abort. */
  readonly teardown?: (context: SetupContext, setup: unknown) => Promise<unknown>
}

/** Several scenarios that run together, with thresholds for all of them. */
export interface Plan {
  readonly kind: 'loadstone.plan'
  readonly options: PlanOptions
}

/** Puts several scenarios, and what holds for the whole run, together. */
export const plan = (options: PlanOptions): Plan => ({ kind: 'loadstone.plan', options })
