import {
  Histogram,
  type RunSummary,
  type SeriesSummary,
  type TimelinePoint,
} from '../../metrics/index.ts'
import { countOf, latencyOf, requestsOf } from '../figures.ts'

/** Percentiles of Locust's files, and how its heads spell them. */
const percentiles = [50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100] as const
const percentileHeads = percentiles.map(percent => `${percent}%`)
const notMeasured = 'N/A'

export interface CsvFile {
  /** What follows the user's prefix: '_stats.csv' and so on. */
  readonly suffix: string
  readonly text: string
}

export interface CsvOptions {
  /** A row for every name and second in the history, not only 'Aggregated'. @default false */
  readonly everyName?: boolean
}

/** Figures of one row: a name, or all exchanges together. */
interface Row {
  readonly type: string
  readonly name: string
  requests: number
  failures: number
  bytesIn: number
  readonly latency: Histogram
}

/**
 * The four files Locust writes, with its heads, so that what reads them reads ours. Times are ms
 * with up to three decimals where Locust rounds percentiles to whole ones. Rows of steps and polls
 * have the type STEP and POLL; the row 'Aggregated' counts exchanges only. The same name in two
 * scenarios is one row, as Locust knows no scenarios. Content size is bytes on the wire, heads
 * included.
 */
export function locustCsv(summary: RunSummary, options: CsvOptions = {}): CsvFile[] {
  return [
    { suffix: '_stats.csv', text: statsCsv(summary) },
    { suffix: '_failures.csv', text: failuresCsv(summary) },
    { suffix: '_exceptions.csv', text: exceptionsCsv(summary) },
    { suffix: '_stats_history.csv', text: historyCsv(summary, options.everyName ?? false) },
  ]
}

function statsCsv(summary: RunSummary): string {
  const { measuredSeconds } = summary.totals
  const head = [
    ...['Type', 'Name', 'Request Count', 'Failure Count', 'Median Response Time'],
    ...['Average Response Time', 'Min Response Time', 'Max Response Time'],
    ...['Average Content Size', 'Requests/s', 'Failures/s', ...percentileHeads],
  ]
  const rows = [...rowsOf(summary.series), aggregated(requestsOf(summary))].map(row => [
    row.type,
    row.name,
    row.requests,
    row.failures,
    ms(row.latency.percentileUs(50)),
    ms(row.latency.meanUs),
    ms(row.latency.minUs),
    ms(row.latency.maxUs),
    number(row.bytesIn / row.requests),
    number(row.requests / measuredSeconds),
    number(row.failures / measuredSeconds),
    ...percentiles.map(percent => ms(row.latency.percentileUs(percent))),
  ])
  return csv([head, ...rows])
}

function failuresCsv({ series, run }: RunSummary): string {
  const head = ['Method', 'Name', 'Error', 'Occurrences', 'First Seen', 'Last Seen']
  const at = (us: number) => new Date(run.startedAtUnixMs + us / 1000).toISOString()
  const rows = series.flatMap(one => {
    const { type, name } = typeAndName(one)
    return one.failures.map(({ reason, count, firstAtUs, lastAtUs }) => [
      ...[type, name, reason, count, at(firstAtUs), at(lastAtUs)],
    ])
  })
  return csv([head, ...rows])
}

function exceptionsCsv({ scriptErrors }: RunSummary): string {
  const rows = scriptErrors.map(({ scenario, message, count }) => {
    const place = /^\S+:\d+:\d+(?=: )/.exec(message)?.[0] ?? ''
    const text = place === '' ? message : message.slice(place.length + 2)
    return [count, text, `${scenario} ${place}`.trim(), '']
  })
  return csv([['Count', 'Message', 'Traceback', 'Nodes'], ...rows])
}

/** Each second on its own; the Total columns run from the end of the warm-up. */
function historyCsv({ timeline, run }: RunSummary, everyName: boolean): string {
  const head = [
    ...['Timestamp', 'User Count', 'Type', 'Name', 'Requests/s', 'Failures/s', ...percentileHeads],
    ...['Total Request Count', 'Total Failure Count', 'Total Median Response Time'],
    ...['Total Average Response Time', 'Total Min Response Time', 'Total Max Response Time'],
    'Total Average Content Size',
  ]
  const totals = new Map<string, Row>()
  const rows = timeline.flatMap(point =>
    secondsOf(point, everyName).map(second => {
      const key = `${second.type}\n${second.name}`
      const total = totals.get(key) ?? emptyRow(second)
      totals.set(key, total)
      if (point.index * 1_000_000 >= run.warmUpUs) addTo(total, second)
      const { type, name, requests, failures } = second
      return [
        ...[Math.floor(run.startedAtUnixMs / 1000) + point.index + 1, point.users],
        ...[type, name, requests, failures],
        ...percentiles.map(percent => ms(second.latency.percentileUs(percent))),
        ...[total.requests, total.failures, ms(total.latency.percentileUs(50))],
        ...[ms(total.latency.meanUs), ms(total.latency.minUs), ms(total.latency.maxUs)],
        number(total.bytesIn / total.requests),
      ]
    }),
  )
  return csv([head, ...rows])
}

/** A timeline knows no bytes of a single name: those are 'N/A' in the history. */
function secondsOf(point: TimelinePoint, everyName: boolean): Row[] {
  const { requests, failures, bytesIn, latency } = point
  const all = { type: '', name: 'Aggregated', requests, failures, bytesIn, latency }
  if (!everyName) return [all]
  const names = point.perName.map(one => ({
    ...typeAndName({ kind: 'request', name: one.name }),
    ...{ requests: one.requests, failures: one.failures, bytesIn: NaN, latency: one.latency },
  }))
  return [...names, all]
}

function rowsOf(series: readonly SeriesSummary[]): Row[] {
  const rows = new Map<string, Row>()
  for (const one of series) {
    const identity = typeAndName(one)
    const key = `${identity.type}\n${identity.name}`
    const row = rows.get(key) ?? emptyRow(identity)
    rows.set(key, row)
    addTo(row, rowOf(one))
  }
  return [...rows.values()]
}

function aggregated(series: readonly SeriesSummary[]): Row {
  const total = emptyRow({ type: '', name: 'Aggregated' })
  for (const one of series) addTo(total, rowOf(one))
  return total
}

function rowOf(series: SeriesSummary): Omit<Row, 'type' | 'name'> {
  return {
    requests: countOf(series),
    failures: series.failed.count,
    bytesIn: series.bytesIn,
    latency: latencyOf(series),
  }
}

function emptyRow({ type, name }: { type: string; name: string }): Row {
  return { type, name, requests: 0, failures: 0, bytesIn: 0, latency: new Histogram() }
}

function addTo(row: Row, more: Omit<Row, 'type' | 'name'>): void {
  row.requests += more.requests
  row.failures += more.failures
  row.bytesIn += more.bytesIn
  row.latency.merge(more.latency)
}

/** Locust keeps the method apart: 'GET /a' is of type GET and named /a. */
function typeAndName({ kind, name }: Pick<SeriesSummary, 'kind' | 'name'>) {
  if (kind !== 'request') return { type: kind.toUpperCase(), name }
  const match = /^([A-Z]+) (.+)$/s.exec(name)
  return { type: match?.[1] ?? '', name: match?.[2] ?? name }
}

function ms(us: number): number | string {
  return Number.isNaN(us) ? notMeasured : Math.round(us) / 1000
}

function number(value: number): number | string {
  return Number.isFinite(value) ? Number(value.toFixed(3)) : notMeasured
}

/** Rows as RFC 4180 has them: CRLF, quotes where needed and doubled inside. */
function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map(row => `${row.map(field).join(',')}\r\n`).join('')
}

function field(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
