import type { JWK } from 'jose'
import type { Database, DatabaseSchema } from './database.ts'
import type { ServiceMetrics } from './metrics.ts'
import type { Answer, ShopRequest } from './request.ts'
import type { Route } from './router.ts'

/**
 * Every limit of a service that decides how it behaves under load. Read at each use, so changing
 * a value changes the running service.
 */
export interface ServiceSettings {
  /** Sent as x-upstream-version on every answer. */
  version: string
  /** Connections to PostgreSQL; 0 for a service without a database. */
  poolConnectionsMax: number
  /** How long a request waits for a free connection before it is answered 503. */
  poolWaitMs: number
  statementTimeoutMs: number
  /** Deadline of one call to another service, waiting for a connection included. */
  callTimeoutMs: number
  /** Further tries of an idempotent GET after a refused connection or a 502, 503, 504. */
  callRetries: number
  /** Pause before a further try; doubled each time. */
  callRetryPauseMs: number
  /** Connections to each other service. */
  callConnectionsMax: number
  /** Calls to one service that may wait for a connection; beyond that the answer is 503. */
  callPendingMax: number
  bodyBytesMax: number
  /** How long open requests may finish after the service was told to stop. */
  drainMs: number
}

const defaults: ServiceSettings = {
  version: 'stable',
  poolConnectionsMax: 8,
  poolWaitMs: 2_000,
  statementTimeoutMs: 5_000,
  callTimeoutMs: 3_000,
  callRetries: 1,
  callRetryPauseMs: 25,
  callConnectionsMax: 64,
  callPendingMax: 512,
  bodyBytesMax: 1 << 20,
  drainMs: 3_000,
}

/** A service's settings: the defaults with what differs. */
export function serviceSettings(own: Partial<ServiceSettings> = {}): ServiceSettings {
  return { ...defaults, ...own }
}

/** Keys made when the shop starts; a service receives only what it needs. */
export interface ShopSecrets {
  /** Private key that signs tokens, as a JWK: only the auth service has it. */
  readonly signingKey?: JWK
  /** Public key that verifies tokens, as a JWK: only the gateway has it. */
  readonly verifyKey?: JWK
}

/** What a service's routes are built with. */
export interface ServiceContext {
  readonly settings: ServiceSettings
  readonly database: Database
  readonly metrics: ServiceMetrics
  readonly secrets: ShopSecrets
  /** Own origin, as others reach it: 'http://127.0.0.1:40123'. */
  readonly url: string
}

export type Handler = (request: ShopRequest) => Promise<Answer> | Answer

export interface ServiceRoutes {
  readonly routes: readonly Route<Handler>[]
  /** Ends background work; resolves when it has truly ended. */
  readonly stop?: () => Promise<void>
}

export interface ServiceDefinition {
  readonly name: string
  readonly settings: ServiceSettings
  readonly schema?: DatabaseSchema
  /** Called once, after the tables exist and before the first request. */
  readonly open: (context: ServiceContext) => Promise<ServiceRoutes> | ServiceRoutes
}
