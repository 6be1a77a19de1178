import type { Threshold } from '../metrics/index.ts'
import type { LoadProfile } from '../schedule/index.ts'

/** A validated plan: plain data that travels to workers, store and server. Later code trusts it. */
export interface TestPlan {
  readonly schema: 'loadstone.plan/1'
  /** The script's path as the user gave it. */
  readonly script: string
  readonly scenarios: readonly ScenarioPlan[]
  readonly thresholds: readonly Threshold[]
  readonly warmUpUs: number
  readonly stopTimeoutUs: number
  readonly seed: number
  readonly workers: number
  readonly env: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly allowedHosts: readonly string[]
  /** The safety guard's caps, also for live changes. */
  readonly limits: PlanLimits
  /** Share of exchanges whose traceparent says "sampled", 0..1. */
  readonly tracingSampledRatio: number
  /** Open model: spin for start delays under 0.1 ms, at the price of a whole core per worker. */
  readonly exactPacing: boolean
  readonly hasSetup: boolean
  readonly hasTeardown: boolean
}

/** Most load a plan may make, all scenarios and workers together. */
export interface PlanLimits {
  readonly maxUsers: number
  readonly maxStartsPerSecond: number
}

export interface ScenarioPlan {
  readonly name: string
  readonly target: Target
  readonly load: LoadProfile
  readonly thinkTime: ThinkTimePlan
  /** In the order of the script; a script with `iteration` has one task of that name. */
  readonly tasks: readonly { readonly name: string; readonly weight: number }[]
  readonly data: readonly DataPlan[]
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutUs: number
  readonly connections: 'perUser' | 'shared' | 'perRequest'
  readonly tls: TlsPlan
  readonly maxBodyBytes: number
  /** Proxy for http: and https: targets, from HTTP_PROXY and friends, NO_PROXY applied. */
  readonly proxy: string | undefined
}

export interface Target {
  /** 'http://127.0.0.1:8080', without path; 'http://localhost' for a Unix socket. */
  readonly origin: string
  /** Prefix of every relative template, without trailing slash; '' when none. */
  readonly basePath: string
  readonly socketPath: string | undefined
}

/** PEM texts, already read. */
export interface TlsPlan {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly serverName: string | undefined
  readonly insecure: boolean
}

export type ThinkTimePlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'between'; readonly minUs: number; readonly maxUs: number }
  | { readonly kind: 'constant'; readonly timeUs: number }
  | { readonly kind: 'pacing'; readonly periodUs: number }
  | { readonly kind: 'exponential'; readonly meanUs: number }

/** A data source without its rows; the rows travel apart, each worker gets its share. */
export interface DataPlan {
  readonly name: string
  readonly give: 'unique' | 'inOrder' | 'random'
  readonly per: 'user' | 'iteration'
  readonly columns: readonly string[]
  readonly rowCount: number
}

/** Rows of one data source that one worker gets, each aligned with `columns`. */
export interface DataRows {
  readonly scenario: string
  readonly name: string
  readonly rows: readonly (readonly string[])[]
}

/** The script as one self-contained module; the same text runs in every worker. */
export interface ScriptBundle {
  /** ES module; with an inline source map, errors name the script's own lines. */
  readonly code: string
  /** SHA-256 of `code`, hex. */
  readonly sha256: string
  /** Absolute path of the script: stack frames and relative files refer to it. */
  readonly scriptPath: string
}
