import type { JWK } from 'jose'
import type { InstanceIdentity } from '../protocol.ts'
import type { Peers } from './calls/peers.ts'
import type { Database, DatabaseSchema } from './data/database.ts'
import type { ServiceMetrics } from './telemetry/metrics.ts'
import type { Tracing } from './telemetry/tracing.ts'
import type { Answer, ShopRequest } from './http/request.ts'
import type { Route } from './http/router.ts'
import type { ServiceSettings } from './settings.ts'

/** Keys made when the shop starts; a service receives only what it needs. */
export interface ShopSecrets {
  /** Private key that signs tokens, as a JWK: only the auth service has it. */
  readonly signingKey?: JWK
  /** Public key that verifies tokens, as a JWK: only the gateway has it. */
  readonly verifyKey?: JWK
}

/** What a service's routes are built with. */
export interface ServiceContext {
  readonly identity: InstanceIdentity
  readonly settings: ServiceSettings
  readonly database: Database
  /** For work that no request waits for; a request has its own way to call. */
  readonly peers: Peers
  readonly metrics: ServiceMetrics
  /** For messages taken from a queue; a request has its own span. */
  readonly tracing: Tracing
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
  /**
   * Stands for somebody else's system: it has no metrics page, makes no spans, and its answers
   * say nothing of the shop. @default false
   */
  readonly foreign?: boolean
  /** Called once, after the tables exist and before the first request. */
  readonly open: (context: ServiceContext) => Promise<ServiceRoutes> | ServiceRoutes
}
