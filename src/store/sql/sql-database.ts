/** A value that both databases take as it is. */
export type SqlValue = string | number | Uint8Array | null

/** Statements with $1, $2 ... for values; rows come as plain objects. */
export interface Sql {
  rows<Row extends object>(text: string, values?: readonly SqlValue[]): Promise<Row[]>
}

/** One connection to a store's database. Two implementations: SQLite and PostgreSQL. */
export interface SqlDatabase extends Sql {
  /** Name of the type for bytes in `create table`. */
  readonly bytesType: 'blob' | 'bytea'
  /** For messages: the file's path, or the address without its password. */
  readonly name: string
  /** All of it or nothing; others see neither while it is going on. One at a time. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /** Gives the space of deleted rows back to the system, if that is not done by itself. */
  reclaim(): Promise<void>
  close(): Promise<void>
}
