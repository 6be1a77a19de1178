/** How rows are given out. Any choice holds over all workers together. */
export type Give = 'unique' | 'inOrder' | 'random'

export interface CsvOptions {
  /**
   * 'unique': each row once in the whole run, and running out ends the run; 'inOrder': round robin;
   * 'random': drawn with the user's seed, repeats allowed. @default 'inOrder'
   */
  readonly give?: Give
  /** A row for the user's whole life, or a fresh one for every iteration. @default 'user' */
  readonly per?: 'user' | 'iteration'
  /** @default ',' */
  readonly delimiter?: string
}

declare const rowOf: unique symbol

/** A declared data source; the file is read when the plan is loaded. */
export interface DataSource<Row> {
  readonly kind: 'csv'
  readonly file: string
  readonly give: Give
  readonly per: 'user' | 'iteration'
  readonly delimiter: string
  readonly [rowOf]?: Row
}

/** Rows of the declared sources, by name: `{ accounts: csv<{ email: string }>(...) }`. */
export type RowsOf<Sources> = {
  readonly [Name in keyof Sources]: Sources[Name] extends DataSource<infer Row> ? Row : never
}

/**
 * A CSV file with a header line, relative to the script. Missing, empty or ragged files are refused
 * before the run starts, with the line.
 */
export function csv(file: string, options?: CsvOptions): DataSource<Record<string, string>>
export function csv<Row extends Record<keyof Row, string>>(
  file: string,
  options?: CsvOptions,
): DataSource<Row>
export function csv(file: string, options: CsvOptions = {}): DataSource<unknown> {
  return {
    kind: 'csv',
    file,
    give: options.give ?? 'inOrder',
    per: options.per ?? 'user',
    delimiter: options.delimiter ?? ',',
  }
}
