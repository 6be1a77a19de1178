import { Histogram, type RunSummary, type SeriesSummary } from '../../metrics/index.ts'
import {
  countOf,
  formatCount,
  formatMs,
  formatNumber,
  formatRatio,
  latencyOf,
  percentiles,
  perSecond,
  printable,
  ratioOf,
  requestsOf,
  serviceTimeOf,
  shownName,
} from '../figures.ts'
import { section, type Frame } from './section.ts'
import { tableLines, type Cell, type Column } from './table.ts'

/** From this width on counts and percentiles stand in one table. */
const wideFrom = 112
const maxRows = 40
/** Service time is shown where it differs by more than this from latency. */
const differsByShare = 0.01
const differsByUs = 100

interface Row {
  readonly name: string
  readonly count: number
  readonly failures: number
  readonly latency: Histogram
  readonly isTotal: boolean
}

const nameColumn: Column = { head: 'name', align: 'left', shrinks: true }
const countColumns: readonly Column[] = ['count', 'per s', 'failed', ''].map(head => {
  return { head, align: 'right' }
})
const latencyColumns: readonly Column[] = [...percentiles.map(p => `p${p}`), 'max'].map(head => {
  return { head, align: 'right' }
})

/** Figures per name: exchanges, then steps and polls; one table each, or two where it is narrow. */
export function seriesLines(summary: RunSummary, frame: Frame): string[][] {
  const scenarios = summary.scenarios.length
  const requests = requestsOf(summary)
  const stepsAndPolls = summary.series.filter(({ kind }) => kind !== 'request')
  const from = summary.run.model === 'closed' ? 'closed model' : 'from the intended start'
  return [
    ...tables({ title: 'Requests', from, rows: rowsOf(requests, scenarios) }, summary, frame),
    ...tables(
      { title: 'Steps and polls', from, rows: rowsOf(stepsAndPolls, scenarios) },
      summary,
      frame,
    ),
  ]
}

/** Service time of the exchanges for which it differs from latency; nothing in the closed model. */
export function serviceTimeLines(summary: RunSummary, frame: Frame): string[] {
  if (summary.run.model === 'closed') return []
  const rows = requestsOf(summary)
    .filter(series => differs(latencyOf(series), serviceTimeOf(series)))
    .slice(0, maxRows)
    .map(series => [
      { text: printable(shownName(series, summary.scenarios.length)) },
      ...latencyCells(serviceTimeOf(series)),
    ])
  if (rows.length === 0) return []
  const columns = [nameColumn, ...latencyColumns]
  const lines = tableLines({ columns, rows, width: frame.width, paintHead: frame.paint.dim })
  return section('Service time in ms, from the real start', lines, frame)
}

function tables(
  what: { title: string; from: string; rows: readonly Row[] },
  { totals }: RunSummary,
  frame: Frame,
): string[][] {
  const { paint, width } = frame
  if (what.rows.length === 0) return []
  const shown = what.rows.slice(0, maxRows)
  const hidden = what.rows.length - shown.length
  const more = hidden > 0 ? [paint.dim(`  … and ${hidden} more names, in --json and --csv`)] : []
  const paintRow = ({ isTotal }: Row) => (isTotal ? paint.bold : plain)
  const name = (row: Row): Cell => ({ text: row.name, paint: paintRow(row) })
  const counts = (row: Row) => countCells(row, totals.measuredSeconds, frame)
  const latencies = (row: Row) => latencyCells(row.latency)
  const draw = (title: string, columns: readonly Column[], cells: (row: Row) => Cell[]) => {
    const rows = shown.map(row => [name(row), ...cells(row)])
    const options = { columns: [nameColumn, ...columns], rows, width, paintHead: paint.dim }
    return section(title, [...tableLines(options), ...more], frame)
  }
  const latencyTitle = `Latency in ms, ${what.from}`
  if (width >= wideFrom) {
    const title = `${what.title}, latency in ms, ${what.from}`
    const columns = [...countColumns, ...latencyColumns]
    return [draw(title, columns, row => [...counts(row), ...latencies(row)])]
  }
  return [draw(what.title, countColumns, counts), draw(latencyTitle, latencyColumns, latencies)]
}

/** One row a series, and one for all together where there are several. */
function rowsOf(series: readonly SeriesSummary[], scenarios: number): Row[] {
  const rows = series.map(one => ({
    name: printable(shownName(one, scenarios)),
    count: countOf(one),
    failures: one.failed.count,
    latency: latencyOf(one),
    isTotal: false,
  }))
  if (rows.length < 2 || series[0]?.kind !== 'request') return rows
  const total = {
    name: 'all requests',
    count: rows.reduce((sum, row) => sum + row.count, 0),
    failures: rows.reduce((sum, row) => sum + row.failures, 0),
    latency: Histogram.merged(rows.map(row => row.latency)),
    isTotal: true,
  }
  // The largest come first into a table that cannot show all; names keep their order in it.
  const kept = new Set([...rows].sort((a, b) => b.count - a.count).slice(0, maxRows - 1))
  return [total, ...rows.filter(row => kept.has(row)), ...rows.filter(row => !kept.has(row))]
}

function countCells(row: Row, measuredSeconds: number, { paint }: Frame): Cell[] {
  const failed = row.failures > 0 ? paint.red : plain
  return [
    { text: formatCount(row.count) },
    { text: formatNumber(perSecond(row.count, measuredSeconds)) },
    { text: formatCount(row.failures), paint: failed },
    { text: row.failures > 0 ? formatRatio(ratioOf(row.failures, row.count)) : '', paint: failed },
  ]
}

function latencyCells(latency: Histogram): Cell[] {
  const values = percentiles.map(percent => latency.percentileUs(percent))
  return [...values, latency.maxUs].map(us => ({ text: formatMs(us) }))
}

function differs(latency: Histogram, serviceTime: Histogram): boolean {
  return [...percentiles, 100].some(percent => {
    const latencyUs = latency.percentileUs(percent)
    const apartUs = Math.abs(latencyUs - serviceTime.percentileUs(percent))
    return apartUs > differsByUs && apartUs > latencyUs * differsByShare
  })
}

const plain = (text: string) => text
