import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CsvError, parse } from 'csv-parse/sync'
import { messageOf, UsageError } from '../../base/index.ts'
import type { DataPlan, DataRows } from '../test-plan.ts'
import { readChoice, readFields, readText } from './option-reader.ts'

export interface DataPlace {
  readonly scenario: string
  readonly scriptFolder: string
}

export interface ReadData {
  readonly plans: readonly DataPlan[]
  /** All rows; workers get their shares of them. */
  readonly rows: readonly DataRows[]
}

/** Reads every data source of a scenario. A missing, empty or ragged file is a UsageError. */
export async function readData(sources: unknown, place: DataPlace): Promise<ReadData> {
  if (sources === undefined) return { plans: [], rows: [] }
  const where = `scenario "${place.scenario}": data`
  if (typeof sources !== 'object' || sources === null) {
    throw new UsageError('DATA', `${where} must be an object: { accounts: csv('accounts.csv') }`)
  }
  const read = await Promise.all(
    Object.entries(sources).map(([name, source]) =>
      readSource({ name, source: source as unknown, where: `${where}.${name}`, place }),
    ),
  )
  return { plans: read.map(one => one.plan), rows: read.map(one => one.rows) }
}

interface Source {
  readonly name: string
  readonly source: unknown
  readonly where: string
  readonly place: DataPlace
}

async function readSource(wanted: Source): Promise<{ plan: DataPlan; rows: DataRows }> {
  const { name, where, place } = wanted
  const known = ['kind', 'file', 'give', 'per', 'delimiter']
  const fields = readFields(wanted.source, where, known)
  if (fields['kind'] !== 'csv') {
    throw new UsageError('DATA', `${where} is no data source; write csv('accounts.csv')`)
  }
  const file = readText(fields['file'], `${where}: the file of csv()`) ?? ''
  const delimiter = readText(fields['delimiter'], `${where}: delimiter`) ?? ','
  const gives = ['unique', 'inOrder', 'random'] as const
  const give = readChoice(fields['give'], `${where}: give`, gives) ?? 'inOrder'
  const per = readChoice(fields['per'], `${where}: per`, ['user', 'iteration']) ?? 'user'
  const path = resolve(place.scriptFolder, file)
  const { columns, rows } = rowsOf(await textOf(path, where), { path, where, delimiter })
  return {
    plan: { name, give, per, columns, rowCount: rows.length },
    rows: { scenario: place.scenario, name, rows },
  }
}

async function textOf(path: string, where: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      'DATA_FILE',
      `${where}: ${path} cannot be read (${messageOf(cause)}); ` +
        `a relative path starts at the script`,
      { cause },
    )
  })
}

interface CsvPlace {
  readonly path: string
  readonly where: string
  readonly delimiter: string
}

interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Blank lines are left out; a byte order mark and spaces around column names are too. */
function rowsOf(text: string, { path, where, delimiter }: CsvPlace): Table {
  const records = parsed(text, { path, where, delimiter })
  const [header, ...rows] = records
  if (header === undefined) {
    throw new UsageError(
      'DATA_EMPTY',
      `${where}: ${path} is empty; it needs a header line and rows`,
    )
  }
  const columns = header.map(column => column.trim())
  refuseBadColumns(columns, `${where}: ${path}:1`)
  if (rows.length > 0) return { columns, rows }
  throw new UsageError(
    'DATA_EMPTY',
    `${where}: ${path} has a header line (${columns.join(', ')}) but no rows`,
  )
}

function parsed(text: string, { path, where, delimiter }: CsvPlace): string[][] {
  try {
    return parse(text, { bom: true, delimiter, skip_empty_lines: true })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line: unknown = error['lines']
    const at = typeof line === 'number' ? `${path}:${line}` : path
    throw new UsageError('DATA_RAGGED', `${where}: ${at}: ${raggedText(error)}`, { cause: error })
  }
}

function raggedText(error: CsvError): string {
  const record: unknown = error['record']
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH' && Array.isArray(record)) {
    return `this row has ${record.length} fields, unlike the rows before it; correct it`
  }
  return `${error.message}; correct it`
}

function refuseBadColumns(columns: readonly string[], at: string): void {
  const unnamed = columns.indexOf('')
  if (unnamed >= 0) {
    throw new UsageError('DATA_HEADER', `${at}: column ${unnamed + 1} has no name`)
  }
  const twice = columns.find((column, index) => columns.indexOf(column) !== index)
  if (twice === undefined) return
  throw new UsageError('DATA_HEADER', `${at}: two columns are named "${twice}"; rename one`)
}
