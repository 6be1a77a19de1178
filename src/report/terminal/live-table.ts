import { formatDurationUs } from '../../base/index.ts'
import {
  formatClock,
  formatCount,
  formatMs,
  formatNumber,
  formatRatio,
  modelLabel,
  printable,
  ratioOf,
  shownName,
} from '../figures.ts'
import type { Paint } from '../paint.ts'
import type { LiveFigures, LiveName } from './live-figures.ts'
import { sparkline } from './sparkline.ts'
import { tableLines, type Cell, type Column } from './table.ts'
import { fit, padEnd, widthOf } from './width.ts'

/** The moment that is shown. */
export interface LiveMoment {
  readonly script: string
  readonly model: 'open' | 'closed' | 'mixed'
  readonly elapsedUs: number
  /** Planned length of the run; undefined when it ends by a number of iterations. */
  readonly durationUs: number | undefined
  /** Shown in place of the keys, e.g. 'paused' or 'stopping: waiting for 12 users'. */
  readonly status?: string | undefined
}

export interface LiveFrameOptions extends LiveMoment {
  readonly width: number
  /** Lines of the terminal; the frame takes at most one less. */
  readonly height: number
  readonly paint: Paint
  /** What the keys do, e.g. 'w/s users +1/-1 · Ctrl-C stop'. */
  readonly keys?: string
}

const sparklineColumns = 20
const sparklineFrom = 100

/**
 * One picture of a running test, without a line break at its end: progress, totals, and a row for
 * each name with the figures of the last 5 seconds. Never higher than `height` - 1 lines nor wider
 * than `width`: with too many names the busiest are shown.
 */
export function liveFrame(figures: LiveFigures, options: LiveFrameOptions): string {
  const top = ['', headLine(options), barLine(options), ...totalLines(figures, options), '']
  const bottom = bottomLines(options)
  const room = options.height - 1 - top.length - bottom.length
  const lines = [...top, ...nameLines(figures, options, room), ...bottom]
  return lines.slice(0, Math.max(1, options.height - 1)).join('\n')
}

/** One line on a running test, for where nothing can be drawn over: a file, or CI. */
export function liveLine(figures: LiveFigures, moment: LiveMoment): string {
  const { recent } = figures
  const p = (percent: number) => formatDurationUs(recent.latency.percentileUs(percent))
  const parts = [
    clock(moment).padStart(11),
    `${formatCount(figures.users)} users`,
    `${formatNumber(recent.requestsPerSecond)} req/s`,
    failedText(figures),
    ...(moment.model === 'closed' ? [] : [`${formatCount(figures.drops)} dropped`]),
    `p50 ${p(50)}`,
    `p95 ${p(95)}`,
    `p99 ${p(99)}`,
    ...(moment.status === undefined ? [] : [moment.status]),
  ]
  return parts.join('  ')
}

function headLine(options: LiveFrameOptions): string {
  const { paint, width } = options
  const time = clock(options)
  const script = fit(printable(options.script), width - widthOf(time) - 22)
  const model = modelLabel(options.model)
  const space = width - 6 - widthOf(script) - widthOf(model) - widthOf(time)
  const gap = ' '.repeat(Math.max(1, space))
  return `  ${paint.bold(script)}  ${paint.dim(model)}${gap}${time}`
}

function barLine({ elapsedUs, durationUs, width, paint }: LiveFrameOptions): string {
  const columns = width - 4
  if (durationUs === undefined || durationUs <= 0) return `  ${paint.dim('─'.repeat(columns))}`
  const done = Math.round(columns * Math.min(1, Math.max(0, elapsedUs / durationUs)))
  return `  ${paint.cyan('━'.repeat(done))}${paint.dim('─'.repeat(columns - done))}`
}

function totalLines(figures: LiveFigures, { paint, width, model }: LiveFrameOptions): string[] {
  const { recent } = figures
  const latency = (percent: number) =>
    `p${percent} ${formatDurationUs(recent.latency.percentileUs(percent))}`
  const failed = failedText(figures)
  const drops = `${formatCount(figures.drops)} dropped`
  const parts = [
    `${formatCount(figures.users)} users`,
    `${formatNumber(recent.requestsPerSecond)} req/s`,
    figures.failures > 0 ? paint.red(failed) : failed,
    ...(model === 'closed' ? [] : [figures.drops > 0 ? paint.yellow(drops) : drops]),
  ]
  const latencies = [latency(50), latency(95), latency(99)].join('   ')
  const trail = sparkline(figures.rates, Math.max(0, Math.min(60, width - 52)))
  const rates = trail === '' ? '' : `${paint.dim('req/s')} ${paint.cyan(trail)}`
  return ['', `  ${parts.join('   ')}`, `  ${padEnd(latencies, 40)}  ${rates}`.trimEnd()]
}

function nameLines(figures: LiveFigures, options: LiveFrameOptions, room: number): string[] {
  const { width, paint } = options
  const names = figures.names()
  if (names.length === 0) return room > 0 ? [paint.dim('  waiting for the first answer')] : []
  const rows = shownNames(names, room - 1)
  if (rows.length === 0) return []
  const withTrail = width >= sparklineFrom
  const columns = withTrail ? [...plainColumns, trailColumn] : plainColumns
  const cells = rows.map(row => cellsOf(row, { scenarios: figures.scenarios, withTrail, paint }))
  const lines = tableLines({ columns, rows: cells, width, paintHead: paint.dim })
  const hidden = names.length - rows.length
  return hidden > 0 ? [...lines, paint.dim(`  … and ${hidden} more names`)] : lines
}

/** The busiest names that fit, in the order of all names, so that rows do not jump. */
function shownNames(names: readonly LiveName[], room: number): LiveName[] {
  if (names.length <= room) return [...names]
  const busiest = [...names].sort((a, b) => b.requests - a.requests).slice(0, Math.max(0, room - 1))
  return names.filter(name => busiest.includes(name))
}

const plainColumns: readonly Column[] = [
  { head: 'name', align: 'left', shrinks: true },
  ...['requests', 'failed', 'req/s', 'p50 ms', 'p95 ms', 'p99 ms'].map((head): Column => ({
    head,
    align: 'right',
  })),
]
const trailColumn: Column = { head: 'p95, last 20 s', align: 'left' }

function cellsOf(
  row: LiveName,
  options: { scenarios: number; withTrail: boolean; paint: Paint },
): Cell[] {
  const { paint } = options
  const { latency, requestsPerSecond } = row.recent
  const failed = row.failures === 0 ? '0' : formatRatio(ratioOf(row.failures, row.requests))
  const cells: Cell[] = [
    { text: printable(shownName(row, options.scenarios)) },
    { text: formatCount(row.requests) },
    row.failures > 0 ? { text: failed, paint: paint.red } : { text: failed },
    { text: formatNumber(requestsPerSecond) },
    ...[50, 95, 99].map(percent => ({ text: formatMs(latency.percentileUs(percent)) })),
  ]
  if (!options.withTrail) return cells
  return [...cells, { text: sparkline(row.p95Us, sparklineColumns), paint: paint.cyan }]
}

function bottomLines({ status, keys, paint, width }: LiveFrameOptions): string[] {
  if (status !== undefined) return ['', `  ${paint.yellow(fit(printable(status), width - 4))}`]
  return keys === undefined ? [] : ['', `  ${paint.dim(fit(keys, width - 4))}`]
}

function failedText({ failures, requests }: LiveFigures): string {
  const share = failures > 0 ? ` (${formatRatio(ratioOf(failures, requests))})` : ''
  return `${formatCount(failures)} failed${share}`
}

function clock({ elapsedUs, durationUs }: LiveMoment): string {
  const shownUs = Math.max(0, elapsedUs)
  const planned = durationUs === undefined ? '' : ` / ${formatClock(durationUs)}`
  return `${formatClock(shownUs)}${planned}`
}
