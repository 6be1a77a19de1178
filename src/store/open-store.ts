import { existsSync } from 'node:fs'
import { clockFromNow, messageOf, UsageError, withoutUrlSecrets } from '../base/index.ts'
import { migrate } from './sql/migrations.ts'
import type { SqlDatabase } from './sql/sql-database.ts'
import { storeOver } from './store.ts'
import type { RunStore } from './stored-run.ts'

export interface OpenOptions {
  /** A file that is not there is a mistake, not made: for commands that only read. */
  readonly mustExist?: boolean
}

/**
 * The store at `where`: a file's path, or 'postgres://...'. Made when it is not there, brought to
 * this version when it is older. Throws a UsageError when it cannot be used.
 */
export async function openStore(
  where: string,
  { mustExist = false }: OpenOptions = {},
): Promise<RunStore> {
  const isPostgres = /^postgres(ql)?:\/\//.test(where)
  if (!isPostgres && /^[a-z][a-z\d+.-]+:\/\//i.test(where)) throw noStore(where)
  if (mustExist && !isPostgres && !existsSync(where)) {
    throw new UsageError(
      'STORE_MISSING',
      `there is no store ${where}: no run was stored here yet, or it is elsewhere (--store)`,
    )
  }
  // Each driver is loaded only by those who need it.
  const database = isPostgres
    ? await (await import('./sql/postgres.ts')).openPostgres(where)
    : await (await import('./sql/sqlite.ts')).openSqlite(where)
  try {
    await migrate(database)
  } catch (error) {
    await database.close()
    throw error instanceof UsageError ? error : unusable(database, error)
  }
  return storeOver(database, clockFromNow())
}

function noStore(where: string): UsageError {
  return new UsageError(
    'STORE_UNUSABLE',
    `the store ${withoutUrlSecrets(where)} is neither a file nor a postgres:// address`,
  )
}

function unusable({ name }: SqlDatabase, cause: unknown): UsageError {
  return new UsageError(
    'STORE_UNUSABLE',
    `the store ${name} cannot be used (${messageOf(cause)}): choose another with --store, or run ` +
      `without one: --no-store`,
  )
}
