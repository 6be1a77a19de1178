import pg from 'pg'
import type { ServiceMetrics } from '../telemetry/metrics.ts'
import { Problem } from '../http/problem.ts'
import type { ServiceSettings } from '../settings.ts'

/** Where PostgreSQL is: a connection URL, or the parts of a local socket's address. */
export type DatabaseAddress =
  | { readonly connectionString: string }
  | {
      readonly host: string
      readonly port: number
      readonly user: string
      readonly database: string
    }

/** A service's own tables, in a schema of its own. Running it again changes nothing. */
export interface DatabaseSchema {
  readonly name: string
  readonly sql: string
}

export type Query = <Row extends object = Record<string, unknown>>(
  sql: string,
  values?: readonly unknown[],
) => Promise<Row[]>

/** A service's connections to PostgreSQL. */
export class Database {
  readonly #pool: pg.Pool
  readonly #metrics: ServiceMetrics
  /** Statement names by text: each text is planned once per connection. The texts are constants. */
  readonly #statementNames = new Map<string, string>()

  constructor(options: {
    readonly address: DatabaseAddress
    readonly schema: string
    readonly settings: ServiceSettings
    readonly metrics: ServiceMetrics
  }) {
    const { address, schema, settings, metrics } = options
    this.#metrics = metrics
    this.#pool = new pg.Pool({
      ...address,
      max: settings.poolConnectionsMax,
      connectionTimeoutMillis: settings.poolWaitMs,
      statement_timeout: settings.statementTimeoutMs,
      idleTimeoutMillis: 60_000,
      application_name: schema,
      options: `-c search_path=${schema}`,
    })
    // An idle connection that breaks leaves the pool; the next request opens another or gets 503.
    this.#pool.on('error', error => console.error(`idle database connection: ${error.message}`))
    this.#countConnections(settings)
  }

  /** Creates the schema and its tables; several processes may do so at once. */
  async migrate(schema: DatabaseSchema): Promise<void> {
    await this.#pool.query(
      `begin;
       select pg_advisory_xact_lock(hashtext('${schema.name}'));
       create schema if not exists ${schema.name};
       ${schema.sql};
       commit`,
    )
  }

  readonly query: Query = async (sql, values = []) => {
    const client = await this.#connect()
    try {
      return await this.#run(client, sql, values)
    } finally {
      client.release()
    }
  }

  /** Runs `work` in one transaction; what it throws rolls back and is thrown on. */
  async transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const client = await this.#connect()
    let broken: Error | undefined
    try {
      await client.query('begin')
      const result = await work((sql, values = []) => this.#run(client, sql, values))
      await client.query('commit')
      return result
    } catch (error) {
      // A connection that cannot even roll back must not return to the pool.
      await client.query('rollback').catch((failure: Error) => (broken = failure))
      throw asAnswer(error)
    } finally {
      client.release(broken)
    }
  }

  async end(): Promise<void> {
    await this.#pool.end()
  }

  async #connect(): Promise<pg.PoolClient> {
    const startedMs = performance.now()
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw asAnswer(error)
    } finally {
      this.#metrics.poolWait.observe((performance.now() - startedMs) / 1000)
    }
  }

  async #run<Row extends object>(
    client: pg.PoolClient,
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    let name = this.#statementNames.get(text)
    if (name === undefined) {
      name = `s${this.#statementNames.size}`
      this.#statementNames.set(text, name)
    }
    try {
      const result = await client.query<Row & pg.QueryResultRow>({
        name,
        text,
        values: [...values],
      })
      return result.rows
    } catch (error) {
      throw asAnswer(error)
    }
  }

  #countConnections(settings: ServiceSettings): void {
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
      read: () => ({ max: settings.poolConnectionsMax }),
    })
    this.#metrics.gauge({
      name: 'db_client_connection_pending_requests',
      help: 'Requests waiting for a database connection',
      read: () => ({ pending: pool.waitingCount }),
    })
  }
}

const statementTimeout = '57014'
/** A value PostgreSQL cannot hold, such as text with a zero character. */
const badValue = /^22/
const connectionTrouble = /^(08|53|57P)|^E(CONN|PIPE)|^ENOENT$/

/** What the database's refusal means to a caller; a mistake in our SQL stays what it is. */
function asAnswer(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Problem) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === statementTimeout) return new Problem(504, 'the database took too long')
  if (error.message.startsWith('timeout exceeded when trying to connect')) {
    return new Problem(503, 'no database connection became free in time', { 'retry-after': '1' })
  }
  if (connectionTrouble.test(code) || error.message.startsWith('Connection terminated')) {
    return new Problem(503, 'the database cannot be reached', { 'retry-after': '1' })
  }
  if (badValue.test(code)) return new Problem(400, `a value cannot be kept: ${error.message}`)
  return error
}
