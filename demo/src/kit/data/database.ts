import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { Problem } from '../http/problem.ts'
import type { ServiceSettings } from '../settings.ts'
import type { ServiceMetrics } from '../telemetry/metrics.ts'
import { KnownStatements, type Statement } from '../telemetry/statement.ts'
import { errorTypeOf, noSpan, type SpanAttributes, type TraceSpan } from '../telemetry/tracing.ts'
import { ConnectionPool, isPoolTimeout, type HeldConnection } from './pool.ts'

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

/** The database as one step of a trace uses it. */
export interface Statements {
  readonly query: Query
  /** Runs `work` in one transaction; what it throws rolls back and is thrown on. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>
}

/** A service's database. Each statement is a span below the step it is made for, and is timed. */
export class Database implements Statements {
  readonly #pool: ConnectionPool
  readonly #metrics: ServiceMetrics
  readonly #settings: ServiceSettings
  readonly #statements = new KnownStatements()
  readonly #described: SpanAttributes

  constructor(options: {
    readonly address: DatabaseAddress
    readonly schema: string
    readonly settings: ServiceSettings
    readonly metrics: ServiceMetrics
  }) {
    this.#metrics = options.metrics
    this.#settings = options.settings
    this.#pool = new ConnectionPool(options)
    this.#described = describeAddress(options.address, options.schema)
  }

  /** Creates the schema and its tables; several processes may do so at once. */
  async migrate(schema: DatabaseSchema): Promise<void> {
    await this.#pool.script(
      `select pg_advisory_xact_lock(hashtext('${schema.name}'));
       create schema if not exists ${schema.name};
       ${schema.sql}`,
    )
  }

  readonly query: Query = (sql, values = []) => this.#query(noSpan, sql, values)

  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#transaction(noSpan, work)
  }

  /** The same database, its statements below `span`. */
  below(span: TraceSpan): Statements {
    return {
      query: (sql, values = []) => this.#query(span, sql, values),
      transaction: work => this.#transaction(span, work),
    }
  }

  /** To be called after the settings changed. */
  adjust(): void {
    this.#pool.adjust()
  }

  async end(): Promise<void> {
    await this.#pool.end()
  }

  async #query<Row extends object>(
    parent: TraceSpan,
    sql: string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    const statement = this.#statements.of(sql)
    const step = this.#start(parent, statement)
    const { client, release } = await this.#take(step)
    try {
      return await this.#run<Row>(step, { client, statement, values })
    } finally {
      release()
    }
  }

  async #transaction<T>(parent: TraceSpan, work: (query: Query) => Promise<T>): Promise<T> {
    const begin = this.#start(parent, beginStatement)
    const { client, release } = await this.#take(begin)
    const run = <Row extends object>(statement: Statement, values: readonly unknown[]) =>
      this.#run<Row>(this.#start(parent, statement), { client, statement, values })
    let broken: Error | undefined
    try {
      await this.#run(begin, { client, statement: beginStatement, values: [] })
      const result = await work((sql, values = []) => run(this.#statements.of(sql), values))
      await run(commitStatement, [])
      return result
    } catch (error) {
      // A connection that cannot even roll back must not return to the pool.
      await run(rollbackStatement, []).catch((failure: Error) => (broken = failure))
      throw asAnswer(error)
    } finally {
      release(broken)
    }
  }

  #start(parent: TraceSpan, { text, operation, summary }: Statement): TraceSpan {
    if (!parent.recorded) return noSpan
    return parent.start('client', summary, {
      ...this.#described,
      'db.operation.name': operation,
      'db.query.summary': summary,
      'db.query.text': text,
    })
  }

  /** The span of a statement begins before its connection is there: an event says when it was. */
  async #take(step: TraceSpan): Promise<HeldConnection> {
    try {
      const held = await this.#pool.take()
      step.event('db.client.connection.acquired')
      return held
    } catch (error) {
      step.end(isPoolTimeout(error) ? 'pool_timeout' : errorTypeOf(error))
      throw asAnswer(error)
    }
  }

  async #run<Row extends object>(
    step: TraceSpan,
    made: {
      readonly client: pg.PoolClient
      readonly statement: Statement
      readonly values: readonly unknown[]
    },
  ): Promise<Row[]> {
    const { name, text, operation } = made.statement
    const startedMs = performance.now()
    let failed: string | undefined
    try {
      const asked = name === '' ? { text } : { name, text, values: [...made.values] }
      const result = await made.client.query<Row & pg.QueryResultRow>(asked)
      const { networkDelayMs } = this.#settings
      if (networkDelayMs > 0) await delay(networkDelayMs)
      return result.rows
    } catch (error) {
      failed = errorTypeOf(error)
      throw asAnswer(error)
    } finally {
      step.end(failed)
      this.#metrics.databaseDuration.observe(
        { db_operation_name: operation, ...(failed !== undefined && { error_type: failed }) },
        (performance.now() - startedMs) / 1000,
      )
    }
  }
}

const beginStatement = plain('begin')
const commitStatement = plain('commit')
const rollbackStatement = plain('rollback')

/** A statement without parameters, not worth a plan. */
function plain(text: string): Statement {
  return { name: '', text, operation: text, summary: text }
}

function describeAddress(address: DatabaseAddress, schema: string): SpanAttributes {
  const local = 'host' in address
  const given = local ? '' : address.connectionString
  const url = URL.canParse(given) ? new URL(given) : undefined
  const port = local ? address.port : Number(url?.port || 5432)
  const database = local ? address.database : decodeURIComponent(url?.pathname.slice(1) ?? '')
  return {
    'db.system.name': 'postgresql',
    'db.namespace': `${database}|${schema}`,
    'server.address': local ? 'localhost' : (url?.hostname ?? ''),
    'server.port': port,
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
  if (isPoolTimeout(error)) {
    return new Problem(503, 'no database connection became free in time', { 'retry-after': '1' })
  }
  if (connectionTrouble.test(code) || error.message.startsWith('Connection terminated')) {
    return new Problem(503, 'the database cannot be reached', { 'retry-after': '1' })
  }
  if (badValue.test(code)) return new Problem(400, `a value cannot be kept: ${error.message}`)
  return error
}
