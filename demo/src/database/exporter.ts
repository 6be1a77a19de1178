import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { Counter, Gauge, Registry } from 'prom-client'
import type { DatabaseAddress } from '../kit/data/database.ts'

const endMsMax = 500

/**
 * PostgreSQL's own numbers under the names postgres_exporter gives them, over one connection. When
 * the database does not answer in time the answer is `pg_up 0` and nothing else.
 */
export class DatabaseExporter {
  readonly #address: DatabaseAddress
  readonly #answerMsMax: number
  readonly #page = new DatabasePage()
  #client: pg.Client | undefined
  #asking: Promise<string> | undefined

  /** `answerMsMax`: how long to wait for the connection, and for each of four answers. */
  constructor(address: DatabaseAddress, answerMsMax = 2_000) {
    this.#address = address
    this.#answerMsMax = answerMsMax
  }

  /** Prometheus' text format. Never rejects; who asks meanwhile gets the same answer. */
  metrics(): Promise<string> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    return this.#asking
  }

  /** Closes the connection; may be called more than once. */
  async end(): Promise<void> {
    await this.#asking
    const client = this.#client
    this.#client = undefined
    // A database that hangs does not say goodbye either.
    await Promise.race([client?.end(), delay(endMsMax, undefined, { ref: false })])
  }

  async #ask(): Promise<string> {
    try {
      const client = await this.#connected()
      for (const { sql, show } of pageParts) {
        const { rows } = await client.query<Row>(sql)
        show(this.#page, rows)
      }
      return await this.#page.text()
    } catch (error) {
      const client = this.#client
      this.#client = undefined
      // It may be half dead: what closing it says adds nothing to the error we have.
      void client?.end().catch(() => undefined)
      const reason = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')
      return `# no answer from the database: ${reason}\n# TYPE pg_up gauge\npg_up 0\n`
    }
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client
    const client = new pg.Client({
      ...this.#address,
      application_name: 'exporter',
      connectionTimeoutMillis: this.#answerMsMax,
      statement_timeout: this.#answerMsMax,
      query_timeout: this.#answerMsMax,
    })
    // A connection that breaks while nobody asks is opened again when somebody does.
    client.on('error', () => {
      if (this.#client === client) this.#client = undefined
    })
    await client.connect()
    this.#client = client
    return client
  }
}

type Row = Readonly<Record<string, string | number | null>>

/** One question to the database and what its answer means on the page. */
interface PagePart {
  readonly sql: string
  readonly show: (page: DatabasePage, rows: readonly Row[]) => void
}

/** Each state is there at any time, with 0 where nobody is in it. */
const activitySql = `
  select base.datname, base.state, coalesce(usename, '') as usename,
    coalesce(application_name, '') as application_name,
    coalesce(backend_type, '') as backend_type,
    coalesce(wait_event_type, '') as wait_event_type, coalesce(wait_event, '') as wait_event,
    coalesce(count, 0)::float8 as count,
    coalesce(max_tx_duration, 0)::float8 as max_tx_duration
  from (
    select current_database() as datname, state from unnest(array[
      'active', 'idle', 'idle in transaction', 'idle in transaction (aborted)',
      'fastpath function call', 'disabled'
    ]) as state
  ) as base
  left join (
    select datname, state, usename, application_name, backend_type, wait_event_type, wait_event,
      count(*) as count,
      max(extract(epoch from now() - xact_start)) as max_tx_duration
    from pg_stat_activity where pid <> pg_backend_pid()
    group by 1, 2, 3, 4, 5, 6, 7
  ) as seen on seen.datname = base.datname and seen.state = base.state`

const locksSql = `
  select current_database() as datname, modes.mode, count(held.mode)::float8 as count
  from unnest(array[
    'accesssharelock', 'rowsharelock', 'rowexclusivelock', 'shareupdateexclusivelock',
    'sharelock', 'sharerowexclusivelock', 'exclusivelock', 'accessexclusivelock', 'sireadlock'
  ]) as modes (mode)
  left join (
    select lower(pg_locks.mode) as mode from pg_locks
    join pg_database on pg_database.oid = pg_locks.database
    where datname = current_database() and pid <> pg_backend_pid()
  ) as held on held.mode = modes.mode
  group by modes.mode`

const databaseCounters: Readonly<Record<string, string>> = {
  xact_commit: 'Transactions committed',
  xact_rollback: 'Transactions rolled back',
  deadlocks: 'Deadlocks',
  blks_read: 'Blocks read from disk',
  blks_hit: 'Blocks found in memory',
  blk_read_time: 'Time of reading blocks, milliseconds',
  blk_write_time: 'Time of writing blocks, milliseconds',
  tup_returned: 'Rows read',
  tup_fetched: 'Rows found by an index',
  tup_inserted: 'Rows inserted',
  tup_updated: 'Rows updated',
  tup_deleted: 'Rows deleted',
  temp_files: 'Temporary files written',
  temp_bytes: 'Bytes written to temporary files',
}

const databaseSql = `
  select datid::text, datname, numbackends::float8,
    ${Object.keys(databaseCounters)
      .map(name => `${name}::float8`)
      .join(', ')},
    (active_time / 1000)::float8 as active_time_seconds_total
  from pg_stat_database where datname = current_database()`

const pageParts: readonly PagePart[] = [
  {
    sql: activitySql,
    show: (page, rows) => {
      page.gauge('pg_stat_activity_count', { help: 'Connections', rows, of: 'count' })
      const help = 'Age of the oldest transaction, seconds'
      page.gauge('pg_stat_activity_max_tx_duration', { help, rows, of: 'max_tx_duration' })
    },
  },
  {
    sql: locksSql,
    show: (page, rows) => {
      page.gauge('pg_locks_count', { help: 'Locks held or waited for', rows, of: 'count' })
    },
  },
  {
    sql: databaseSql,
    show: (page, rows) => {
      const backends = { help: 'Connections', rows, of: 'numbackends' }
      page.gauge('pg_stat_database_numbackends', backends)
      for (const [of, help] of Object.entries(databaseCounters)) {
        page.counter(`pg_stat_database_${of}`, { help, rows, of })
      }
      const of = 'active_time_seconds_total'
      const help = 'Time spent in statements'
      page.counter('pg_stat_database_active_time_seconds_total', { help, rows, of })
    },
  },
  {
    sql: `select current_setting('max_connections')::float8 as max, 1::float8 as up`,
    show: (page, rows) => {
      const max = { help: 'Limit of connections', rows, of: 'max' }
      page.gauge('pg_settings_max_connections', max)
      page.gauge('pg_up', { help: 'Whether the database answers', rows, of: 'up' })
    },
  },
]

interface Shown {
  readonly help: string
  readonly rows: readonly Row[]
  /** The column of the value; the text columns are labels. */
  readonly of: string
}

/** The metrics as they were last read; what a later answer does not have is gone. */
class DatabasePage {
  readonly #registry = new Registry()
  readonly #gauges = new Map<string, Gauge>()
  readonly #counters = new Map<string, Counter>()

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  gauge(name: string, { help, rows, of }: Shown): void {
    const given = { name, help, labelNames: labelNames(rows), registers: [this.#registry] }
    const gauge = this.#gauges.get(name) ?? new Gauge(given)
    this.#gauges.set(name, gauge)
    gauge.reset()
    for (const row of rows) gauge.set(labels(row), Number(row[of]))
  }

  counter(name: string, { help, rows, of }: Shown): void {
    const given = { name, help, labelNames: labelNames(rows), registers: [this.#registry] }
    const counter = this.#counters.get(name) ?? new Counter(given)
    this.#counters.set(name, counter)
    counter.reset()
    for (const row of rows) counter.inc(labels(row), Number(row[of]))
  }
}

function labels(row: Row): Record<string, string> {
  const texts = Object.entries(row).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(texts) as Record<string, string>
}

function labelNames(rows: readonly Row[]): string[] {
  return rows[0] === undefined ? [] : Object.keys(labels(rows[0]))
}
