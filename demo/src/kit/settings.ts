import { noBurdens, type BurdenSettings } from './burdens/burden-settings.ts'
import { noNameServer, type NameSettings } from './calls/names.ts'
import { noRateLimit, type RateLimitSettings } from './http/rate-limit.ts'

/**
 * Every limit of a service that decides how it behaves under load. Read at each use, so changing
 * a value changes the running service: that is how most faults are made.
 */
export interface ServiceSettings extends BurdenSettings, RateLimitSettings, NameSettings {
  /** CPU cores this process may use, as a container's quota; 0: as many as it likes. */
  cpuCores: number
  /** Requests that are worked on at once, as in a server with so many threads; 0: any number. */
  requestsAtOnceMax: number
  /** Connections to PostgreSQL; 0 for a service without a database. */
  poolConnectionsMax: number
  /** How long a request waits for a free connection before it is answered 503. */
  poolWaitMs: number
  /** Share of the uses of a connection after which it is not given back, 0..1; for faults. */
  poolLeakRatio: number
  /** Exports that the service makes besides its requests, each on a connection of the pool. */
  poolExports: number
  /** How long one of them keeps its connection, in one transaction. */
  poolExportMs: number
  statementTimeoutMs: number
  /**
   * Round trip of the network: so much longer takes each call to another service and each
   * statement, whole ms. Between the processes of one machine there is none.
   */
  networkDelayMs: number
  /** Deadline of one call to another service, waiting for a connection included. */
  callTimeoutMs: number
  /** Further tries of an idempotent GET after a refused connection or a 502, 503, 504. */
  callRetries: number
  /** A try whose deadline passed is followed by a further one too. */
  callRetryTimeouts: boolean
  /** Pause before a further try; doubled each time. */
  callRetryPauseMs: number
  /** Connections to each other service. */
  callConnectionsMax: number
  /** The one service that all calls share a single connection to; '': none. */
  sharedConnectionTo: string
  /** Connections to other services are used again; false: each call makes its own. */
  callKeepAlive: boolean
  /** The calls of one request are made one after the other, never at the same time. */
  callsInTurn: boolean
  /** Calls to all other services together that are open at once, others wait; 0: any number. */
  callsAtOnceMax: number
  /** Calls to one service that may wait for a connection; beyond that the answer is 503. */
  callPendingMax: number
  bodyBytesMax: number
  /** Makes spans and has a metrics page; false: callers know only what they see themselves. */
  instrumented: boolean
  /** How long open requests may finish after the service was told to stop. */
  drainMs: number
}

/** Settings by name, as they travel between processes. */
export type SettingValues = Readonly<Record<string, number | boolean | string>>

const defaults: ServiceSettings = {
  ...noBurdens,
  ...noRateLimit,
  ...noNameServer,
  cpuCores: 0,
  requestsAtOnceMax: 0,
  poolConnectionsMax: 8,
  poolWaitMs: 2_000,
  poolLeakRatio: 0,
  poolExports: 0,
  poolExportMs: 0,
  statementTimeoutMs: 5_000,
  networkDelayMs: 0,
  callTimeoutMs: 3_000,
  callRetries: 1,
  callRetryTimeouts: false,
  callRetryPauseMs: 25,
  callConnectionsMax: 64,
  callsAtOnceMax: 0,
  sharedConnectionTo: '',
  callKeepAlive: true,
  callsInTurn: false,
  callPendingMax: 512,
  bodyBytesMax: 1 << 20,
  instrumented: true,
  drainMs: 3_000,
}

/**
 * A service's settings: the defaults with what differs, and settings of its own. The service keeps
 * the object and reads it at each use.
 */
export function serviceSettings<Own extends SettingValues = Record<never, never>>(
  differing: Partial<ServiceSettings> = {},
  own?: Own,
): ServiceSettings & Own {
  return { ...defaults, ...differing, ...own } as ServiceSettings & Own
}

/**
 * Makes `settings` what it was at the start (`base`) with `values` over it. Throws on a name that
 * the service does not have or a value of another type, before anything is changed.
 */
export function applySettings(
  settings: ServiceSettings,
  base: Readonly<ServiceSettings>,
  values: SettingValues,
): void {
  for (const [name, value] of Object.entries(values)) {
    const known = (base as unknown as SettingValues)[name]
    if (known === undefined) throw new Error(`there is no setting ${name}`)
    if (typeof value !== typeof known) {
      throw new Error(`${name} must be a ${typeof known}, not ${JSON.stringify(value)}`)
    }
  }
  Object.assign(settings, base, values)
}
