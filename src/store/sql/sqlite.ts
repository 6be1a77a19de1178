import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { clockFromNow, messageOf, pause, UsageError, type Clock } from '../../base/index.ts'
import type { Sql, SqlDatabase, SqlValue } from './sql-database.ts'

/** Another run writes for about a millisecond; a slow disk may take seconds. */
const busyLimitUs = 10_000_000
/** Between two tries the event loop turns: SQLite's own waiting would hold up the run. */
const busyPauseUs = 20_000
const sqliteBusy = 5

/**
 * A file of its own, made with its folder when it is not there. The write-ahead log lets others
 * read while one writes, and a process that is killed loses nothing that was committed.
 */
export async function openSqlite(path: string): Promise<SqlDatabase> {
  const clock = clockFromNow()
  try {
    mkdirSync(dirname(path), { recursive: true })
    const isReadOnly = existsSync(path) && !isWritable(path)
    const file = isReadOnly ? openToRead(path) : new DatabaseSync(path, { timeout: 0 })
    try {
      await unlessBusy(clock, () => prepare(file, isReadOnly))
    } catch (cause) {
      file.close()
      throw cause
    }
    return new SqliteDatabase(path, file, clock)
  } catch (cause) {
    throw unusable(path, cause)
  }
}

/** Its log is a file beside it, so both must be open to writing. */
function isWritable(path: string): boolean {
  try {
    for (const one of [path, dirname(path)]) accessSync(one, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Of a read-only disk or of somebody else: with no log beside it, nobody is changing it. */
function openToRead(path: string): DatabaseSync {
  const url = pathToFileURL(resolve(path))
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })
  if (log === undefined || log.size === 0) url.searchParams.set('immutable', '1')
  return new DatabaseSync(url, { timeout: 0, readOnly: true })
}

/** Nothing is written into a file that is in order, nor into one of another program. */
function prepare(file: DatabaseSync, isReadOnly: boolean): void {
  const tables = file.prepare(`select name from sqlite_master where type = 'table'`).all()
  if (tables.length > 0 && !tables.some(({ name }) => name === 'loadstone_store')) {
    throw new Error('it is a database of another program')
  }
  if (isReadOnly) return
  // Counts only before the first table is made.
  if (tables.length === 0) file.exec('pragma auto_vacuum = incremental')
  file.exec('pragma journal_mode = wal')
  file.exec('pragma synchronous = normal')
}

function unusable(path: string, cause: unknown): UsageError {
  const words = messageOf(cause)
  const hint = /not a database|another program/.test(words)
    ? 'it is something else; move it away, or name another file with --store'
    : 'choose another file with --store, or run without one: --no-store'
  return new UsageError('STORE_UNUSABLE', `the store ${path} cannot be used (${words}): ${hint}`)
}

/** One connection; whoever uses it waits for their turn, so nothing slips into a transaction. */
class SqliteDatabase implements SqlDatabase {
  readonly bytesType = 'blob'
  readonly name: string
  readonly #file: DatabaseSync
  readonly #clock: Clock
  readonly #statements = new Map<string, StatementSync>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(path: string, file: DatabaseSync, clock: Clock) {
    this.name = path
    this.#file = file
    this.#clock = clock
  }

  rows<Row extends object>(text: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return this.#inTurn(() => unlessBusy(this.#clock, () => this.#rows<Row>(text, values)))
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await unlessBusy(this.#clock, () => this.#file.exec('begin immediate'))
      try {
        const result = await work({
          rows: async (text, values) => Promise.resolve(this.#rows(text, values)),
        })
        this.#file.exec('commit')
        return result
      } catch (error) {
        // After some errors SQLite has rolled back already.
        if (this.#file.isTransaction) this.#file.exec('rollback')
        throw error
      }
    })
  }

  reclaim(): Promise<void> {
    return this.#inTurn(() =>
      unlessBusy(this.#clock, () => {
        this.#file.exec('pragma incremental_vacuum')
        // The file itself shrinks when the log is written back; readers may put that off.
        this.#file.exec('pragma wal_checkpoint(truncate)')
      }),
    )
  }

  close(): Promise<void> {
    return this.#inTurn(async () => Promise.resolve(this.#file.close()))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(work)
    this.#turn = next.catch(() => undefined)
    return next
  }

  #rows<Row extends object>(text: string, values: readonly SqlValue[] = []): Row[] {
    let statement = this.#statements.get(text)
    if (statement === undefined) {
      statement = this.#file.prepare(text.replace(/\$(\d+)/g, '?$1'))
      this.#statements.set(text, statement)
    }
    return statement.all(...values) as Row[]
  }
}

async function unlessBusy<T>(clock: Clock, work: () => T): Promise<T> {
  const untilUs = clock.nowUs() + busyLimitUs
  for (;;) {
    try {
      return work()
    } catch (error) {
      const isBusy = error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
      if (!isBusy || clock.nowUs() >= untilUs) throw error
    }
    await pause(clock, busyPauseUs)
  }
}
