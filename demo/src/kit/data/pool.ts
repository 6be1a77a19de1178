import pg from 'pg'
import type { ServiceSettings } from '../settings.ts'
import type { ServiceMetrics } from '../telemetry/metrics.ts'
import type { DatabaseAddress } from './database.ts'
import { Exports } from './exports.ts'

/** A connection while one request has it. */
export interface HeldConnection {
  readonly client: pg.PoolClient
  /** Gives it back; with an error it is closed instead. */
  readonly release: (broken?: Error) => void
}

/** A service's connections to PostgreSQL, measured. Its limits are the settings' at each use. */
export class ConnectionPool {
  readonly #pool: pg.Pool
  readonly #settings: ServiceSettings
  readonly #metrics: ServiceMetrics
  /** What each connection was told last, when that is not what it was opened with. */
  readonly #statementTimeoutsMs = new WeakMap<pg.PoolClient, number>()
  readonly #openedWithTimeoutMs: number
  /** What was not given back. */
  readonly #leaked: (() => void)[] = []
  readonly #exports: Exports
  #leakDue = 0

  constructor(options: {
    readonly address: DatabaseAddress
    readonly schema: string
    readonly settings: ServiceSettings
    readonly metrics: ServiceMetrics
  }) {
    const { address, schema, settings, metrics } = options
    this.#settings = settings
    this.#metrics = metrics
    this.#openedWithTimeoutMs = settings.statementTimeoutMs
    this.#pool = new pg.Pool({
      ...address,
      max: settings.poolConnectionsMax,
      // Making the tables waits as long as it takes; take() sets the limit for requests.
      connectionTimeoutMillis: 0,
      statement_timeout: settings.statementTimeoutMs,
      idleTimeoutMillis: 60_000,
      application_name: schema,
      options: `-c search_path=${schema}`,
      Client: timedClient(metrics),
    })
    // An idle connection that breaks leaves the pool; the next request opens another or gets 503.
    this.#pool.on('error', error => console.error(`idle database connection: ${error.message}`))
    this.#exports = new Exports({ settings, take: () => this.take() })
    this.#countConnections()
  }

  /** Runs several statements in one transaction, without parameters or a time limit. */
  async script(sql: string): Promise<void> {
    await this.#pool.query(`begin; set local statement_timeout = 0; ${sql}; commit`)
  }

  /** Waits for a free connection, at most the settings' poolWaitMs. */
  async take(): Promise<HeldConnection> {
    const { poolConnectionsMax: max, poolWaitMs } = this.#settings
    Object.assign(this.#pool.options, { max, connectionTimeoutMillis: poolWaitMs })
    const askedMs = performance.now()
    try {
      const client = await this.#pool.connect()
      const held = this.#held(client)
      await this.#limitStatements(client).catch((error: Error) => {
        held.release(error)
        throw error
      })
      return held
    } catch (error) {
      if (isPoolTimeout(error)) this.#metrics.poolTimeouts.inc()
      throw error
    } finally {
      this.#metrics.poolWait.observe((performance.now() - askedMs) / 1000)
    }
  }

  /** To be called after the settings changed: without a leak all that leaked comes back. */
  adjust(): void {
    this.#exports.adjust()
    if (this.#settings.poolLeakRatio > 0) return
    for (const giveBack of this.#leaked.splice(0)) giveBack()
  }

  async end(): Promise<void> {
    await this.#exports.end()
    for (const giveBack of this.#leaked.splice(0)) giveBack()
    await this.#pool.end()
  }

  #held(client: pg.PoolClient): HeldConnection {
    const takenMs = performance.now()
    return {
      client,
      release: broken => {
        if (broken === undefined && this.#leaks()) {
          this.#leaked.push(() => client.release())
          return
        }
        this.#metrics.poolUse.observe((performance.now() - takenMs) / 1000)
        // After the limit was lowered, what is too much goes as soon as it is given back.
        const tooMany = this.#pool.totalCount > this.#settings.poolConnectionsMax
        client.release(broken ?? tooMany)
      },
    }
  }

  /** Evenly spread, so that the same requests leak the same. */
  #leaks(): boolean {
    this.#leakDue += this.#settings.poolLeakRatio
    if (this.#leakDue < 1) return false
    this.#leakDue -= 1
    return true
  }

  async #limitStatements(client: pg.PoolClient): Promise<void> {
    const wantedMs = this.#settings.statementTimeoutMs
    const nowMs = this.#statementTimeoutsMs.get(client) ?? this.#openedWithTimeoutMs
    if (nowMs === wantedMs) return
    await client.query(`set statement_timeout = ${Math.round(wantedMs)}`)
    this.#statementTimeoutsMs.set(client, wantedMs)
  }

  #countConnections(): void {
    const pool = this.#pool
    this.#metrics.gauge({
      name: 'db_client_connection_count',
      help: 'Open database connections',
      label: 'state',
      read: () => ({ idle: pool.idleCount, used: pool.totalCount - pool.idleCount }),
    })
    this.#metrics.gauge({
      name: 'db_client_connection_max',
      help: 'Limit of open database connections',
      read: () => ({ max: this.#settings.poolConnectionsMax }),
    })
    this.#metrics.gauge({
      name: 'db_client_connection_pending_requests',
      help: 'Requests waiting for a database connection',
      read: () => ({ pending: pool.waitingCount }),
    })
  }
}

/** No connection became free in time. */
export function isPoolTimeout(error: unknown): boolean {
  return (
    error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect')
  )
}

/** The pool makes its connections itself; only from inside can be seen how long that takes. */
function timedClient(metrics: ServiceMetrics): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const startedMs = performance.now()
      this.once('connect', () => {
        metrics.poolCreate.observe((performance.now() - startedMs) / 1000)
      })
    }
  }
}
