import { UsageError } from '../../base/index.ts'
import type { Sql, SqlDatabase } from './sql-database.ts'

type Migration = (bytes: SqlDatabase['bytesType']) => readonly string[]

/** What each version adds to the one before; an entry is never changed once it was released. */
const migrations: readonly Migration[] = [
  bytes => [
    `create table runs (
       id text primary key,
       started_at_unix_ms bigint not null,
       started text not null,
       ended text,
       latency ${bytes},
       writer_host text not null,
       writer_pid integer not null,
       written_at_unix_ms bigint not null,
       seconds integer not null,
       stored_bytes bigint not null,
       requests bigint not null,
       failures bigint not null,
       drops bigint not null
     )`,
    `create index runs_by_start on runs (started_at_unix_ms)`,
    `create table marks (
       run_id text not null references runs (id) on delete cascade,
       number integer not null,
       at_us bigint not null,
       kind text not null,
       text text not null,
       primary key (run_id, number)
     )`,
    `create table seconds (
       run_id text not null references runs (id) on delete cascade,
       span integer not null,
       first integer not null,
       data ${bytes} not null,
       primary key (run_id, span, first)
     )`,
  ],
]

/** The version of the tables that this program writes. */
export const storeVersion = migrations.length

/** Brings an older or empty database to this version. One that is newer is refused with words. */
export async function migrate(database: SqlDatabase, steps = migrations): Promise<void> {
  // One that is up to date is only read: it may be on a read-only disk.
  const known = await versionOf(database).catch(() => 0)
  if (known === steps.length) return
  await database.transaction(async sql => {
    await sql.rows('create table if not exists loadstone_store (version integer not null)')
    const found = await versionOf(sql)
    if (found > steps.length) throw newer(database.name, found)
    for (const statements of steps.slice(found)) {
      for (const statement of statements(database.bytesType)) await sql.rows(statement)
    }
    if (found === steps.length) return
    await sql.rows('delete from loadstone_store')
    await sql.rows('insert into loadstone_store (version) values ($1)', [steps.length])
  })
}

/** 0 for a database without rows of ours. */
async function versionOf(sql: Sql): Promise<number> {
  const [row] = await sql.rows<{ version: number }>('select version from loadstone_store')
  return row?.version ?? 0
}

function newer(name: string, found: number): UsageError {
  return new UsageError(
    'STORE_NEWER',
    `the store ${name} was written by a newer Loadstone (version ${found} of its tables, this ` +
      `one knows ${storeVersion}): update Loadstone, or use another store`,
  )
}
