import { optionalText, type JsonObject } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'

/** The days a report is about: 'YYYY-MM-DD', both included. */
export interface ReportRange {
  readonly startDate?: string | undefined
  readonly endDate?: string | undefined
}

const dayMs = 86_400_000
/** A report about more days is not taken. */
const reportDaysMax = 366

/**
 * Reads the range; 400 for what is no date, or too many days. A range that ends before it begins
 * is taken here: whether it makes sense is for the report itself to find out.
 */
export function readRange(body: JsonObject): ReportRange {
  const startDate = dateField(body, ['start_date', 'startDate'])
  const endDate = dateField(body, ['end_date', 'endDate'])
  const range = { startDate, endDate }
  const days = startDate !== undefined && endDate !== undefined ? daysBetween(range) : 0
  if (days <= reportDaysMax) return range
  throw new Problem(400, `a report has at most ${reportDaysMax} days, not ${days}`)
}

/**
 * The days as numbers since 1970. An end that is not given lies `days` after the start, a start
 * that is not given as long before the end; neither: the numbers 0 to `days` - 1. Empty when the
 * range ends before it begins.
 */
export function daysOf({ startDate, endDate }: ReportRange, days: number): number[] {
  const end = endDate === undefined ? undefined : dayNumber(endDate)
  const start = startDate === undefined ? undefined : dayNumber(startDate)
  const first = start ?? (end === undefined ? 0 : end - days + 1)
  const last = end ?? first + days - 1
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
}

const dayNumber = (date: string) => Date.parse(date) / dayMs

function daysBetween(range: ReportRange): number {
  return daysOf(range, 0).length
}

function dateField(body: JsonObject, names: readonly string[]): string | undefined {
  const text = optionalText(body, names)
  if (text === undefined) return undefined
  const date = /^\d{4}-\d{2}-\d{2}(?=$|T)/.exec(text)?.[0]
  // Date.parse takes 31 February for 3 March; only what comes out as it went in is a date.
  const isDate = date !== undefined && isRealDate(date)
  if (isDate) return date
  throw new Problem(400, `${names[0]} must be a date like 2025-06-01, not ${text}`)
}

function isRealDate(date: string): boolean {
  const ms = Date.parse(date)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
}
