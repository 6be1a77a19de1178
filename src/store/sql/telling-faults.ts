import { messageOf, UsageError } from '../../base/index.ts'
import type { SqlDatabase } from './sql-database.ts'

/** The same database; what goes wrong in it is a UsageError that names the store. */
export function tellingFaults(database: SqlDatabase): SqlDatabase {
  const { name, bytesType } = database
  const told = <T>(work: Promise<T>) => toldAs(name, work)
  return {
    ...{ name, bytesType },
    rows: (text, values) => told(database.rows(text, values)),
    transaction: work => told(database.transaction(work)),
    reclaim: () => told(database.reclaim()),
    close: () => database.close(),
  }
}

/** What `work` makes; a fault of it is one of the store `name`. */
export async function toldAs<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw faultOf(name, cause)
  }
}

/** A fault of the store `name` in words; one that has its words already stays as it is. */
export function faultOf(name: string, cause: unknown): UsageError {
  if (cause instanceof UsageError) return cause
  const words = messageOf(cause)
  const hint = /malformed|cannot be decoded/.test(words)
    ? 'it is damaged; move it away and begin another, or repair it with the tools of its database'
    : 'see whether its disk is full, it may be written, and its database is there'
  return new UsageError('STORE_FAILED', `the store ${name} failed (${words}): ${hint}`)
}
