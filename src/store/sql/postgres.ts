import pg from 'pg'
import { messageOf, UsageError, withoutUrlSecrets } from '../../base/index.ts'
import type { Sql, SqlDatabase, SqlValue } from './sql-database.ts'

/** Number of the lock that transactions of stores take; any number nobody else uses. */
const lockNumber = 7_106_101

/** A database that is away or stuck is given up after this long; the run waits for none of it. */
const patienceMs = 10_000

/** A database of a team, in the schema `loadstone`. Throws a UsageError when it is not there. */
export async function openPostgres(url: string): Promise<SqlDatabase> {
  const name = withoutUrlSecrets(url)
  const pool = poolOf(url, name)
  try {
    await inTransaction(pool, makeSchema)
  } catch (cause) {
    await pool.end()
    throw unusable(name, cause)
  }
  return {
    bytesType: 'bytea',
    name,
    rows: (text, values) => ask(pool, text, values),
    transaction: work => inTransaction(pool, work),
    // PostgreSQL's autovacuum does it.
    reclaim: () => Promise.resolve(),
    close: () => pool.end(),
  }
}

/** Whoever may not make a schema can still use one that was made for them. */
async function makeSchema(sql: Sql): Promise<void> {
  const found = await sql.rows(`select 1 from pg_namespace where nspname = 'loadstone'`)
  if (found.length === 0) await sql.rows('create schema loadstone')
}

function poolOf(url: string, name: string): pg.Pool {
  try {
    const pool = new pg.Pool({
      connectionString: url,
      max: 4,
      connectionTimeoutMillis: patienceMs,
      statement_timeout: patienceMs,
      query_timeout: patienceMs + 2000,
      application_name: 'loadstone',
      options: '-c search_path=loadstone',
    })
    // A connection that breaks while idle leaves the pool; the next statement opens another.
    pool.on('error', () => undefined)
    return pool
  } catch (cause) {
    throw unusable(name, cause)
  }
}

function unusable(name: string, cause: unknown): UsageError {
  // Of several addresses that all failed, the first says why.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause
  return new UsageError(
    'STORE_UNUSABLE',
    `the store ${name} cannot be used (${messageOf(first)}): is it there, and may this user ` +
      `make a schema in it?`,
  )
}

async function ask<Row extends object>(
  on: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly SqlValue[] = [],
): Promise<Row[]> {
  const { rows } = await on.query<Row & pg.QueryResultRow>(text, [...values])
  return rows
}

/** Transactions of all stores take turns, as in a file. */
async function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // A connection that breaks while it is in use tells it here, too: the query fails by itself.
  const ignore = () => undefined
  client.on('error', ignore)
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [lockNumber])
    const result = await work({ rows: (text, values) => ask(client, text, values) })
    await client.query('commit')
    return result
  } catch (error) {
    // A connection that cannot even roll back must not return to the pool.
    await client.query('rollback').catch((failure: Error) => (broken = failure))
    throw error
  } finally {
    client.off('error', ignore)
    client.release(broken)
  }
}
