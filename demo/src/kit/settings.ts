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
