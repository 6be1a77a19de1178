import type { KeptSample, RunSummary } from '../../metrics/index.ts'
import {
  formatClock,
  formatCount,
  formatMs,
  formatRatio,
  printable,
  ratioOf,
  shownName,
} from '../figures.ts'
import { bullet, section, type Frame } from './section.ts'
import { tableLines } from './table.ts'
import { wrap } from './width.ts'

const maxFailures = 12
const maxChecks = 20
const maxScriptErrors = 10
const maxSlowest = 3

/** Checks, failed ones first and with the first reason. */
export function checkLines({ checks, scenarios }: RunSummary, frame: Frame): string[] {
  const { paint, width } = frame
  const failedFirst = [...checks].sort((a, b) => b.failed - a.failed)
  const lines = failedFirst.slice(0, maxChecks).flatMap(check => {
    const name = `${shownName(check, scenarios.length)}: ${check.check}`
    const total = check.passed + check.failed
    if (check.failed === 0) {
      return bullet(paint.green('✓'), `${name}, ${formatCount(check.passed)} passed`, width)
    }
    const share = formatRatio(ratioOf(check.failed, total))
    const failed = `${formatCount(check.failed)} of ${formatCount(total)} failed (${share})`
    const reason = wrap(printable(`first: ${check.firstReason}`), width - 4)
    return [
      ...bullet(paint.red('✗'), `${name}, ${failed}`, width),
      ...(check.firstReason === '' ? [] : reason.map(line => `    ${paint.dim(line)}`)),
    ]
  })
  return section('Checks', [...lines, ...moreLine(checks.length, maxChecks, frame)], frame)
}

/** Failures by name and reason, most frequent first, with the time of the first and the last. */
export function failureLines({ series, scenarios }: RunSummary, frame: Frame): string[] {
  const failures = series
    .flatMap(one => one.failures.map(failure => ({ one, failure })))
    .sort((a, b) => b.failure.count - a.failure.count)
  if (failures.length === 0) return []
  const rows = failures
    .slice(0, maxFailures)
    .map(({ one, failure }) => [
      { text: formatCount(failure.count), paint: frame.paint.red },
      { text: printable(failure.reason) },
      { text: printable(shownName(one, scenarios.length)), paint: frame.paint.dim },
      { text: `${formatClock(failure.firstAtUs)} – ${formatClock(failure.lastAtUs)}` },
    ])
  const lines = tableLines({
    columns: [
      { head: 'count', align: 'right' },
      { head: 'reason', align: 'left', shrinks: true },
      { head: 'name', align: 'left', shrinks: true },
      { head: 'first – last', align: 'left' },
    ],
    rows,
    width: frame.width,
    paintHead: frame.paint.dim,
  })
  return section('Failures', [...lines, ...moreLine(failures.length, maxFailures, frame)], frame)
}

/** The slowest good exchanges, with the trace that shows where the time went. */
export function slowestLines({ kept, scenarios }: RunSummary, frame: Frame): string[] {
  const latencyUs = (sample: KeptSample) => sample.endedAtUs - sample.intendedAtUs
  const slowest = kept
    .filter(({ kind, why }) => kind === 'request' && why === 'slow')
    .sort((a, b) => latencyUs(b) - latencyUs(a))
    .slice(0, maxSlowest)
  if (slowest.length === 0) return []
  const lines = tableLines({
    columns: [
      { head: 'ms', align: 'right' },
      { head: 'name', align: 'left', shrinks: true },
      { head: 'at', align: 'right' },
      { head: 'trace id', align: 'left' },
    ],
    rows: slowest.map(sample => [
      { text: formatMs(latencyUs(sample)) },
      { text: printable(shownName(sample, scenarios.length)) },
      { text: formatClock(sample.startedAtUs) },
      { text: sample.traceId, paint: frame.paint.dim },
    ]),
    width: frame.width,
    paintHead: frame.paint.dim,
  })
  return section('Slowest exchanges', lines, frame)
}

/** Intended iterations that never started, by scenario and reason. */
export function dropLines({ scenarios }: RunSummary, frame: Frame): string[] {
  const lines = scenarios.flatMap(({ scenario, drops, iterationsStarted }) => {
    const total = Object.values(drops).reduce((sum, count) => sum + count, 0)
    if (total === 0) return []
    const reasons = Object.entries(drops).map(([why, count]) => `${why} ${formatCount(count)}`)
    const share = formatRatio(ratioOf(total, total + iterationsStarted))
    const text =
      `${scenario}: ${formatCount(total)} of ${formatCount(total + iterationsStarted)} ` +
      `intended iterations never started (${share}): ${reasons.join(', ')}`
    return bullet(frame.paint.yellow('!'), text, frame.width)
  })
  return section('Dropped', lines, frame)
}

/** What the script threw, with its own file, line and column. */
export function scriptErrorLines({ scriptErrors }: RunSummary, frame: Frame): string[] {
  const lines = scriptErrors.slice(0, maxScriptErrors).flatMap(({ scenario, message, count }) => {
    const times = count === 1 ? 'once' : `${formatCount(count)} times`
    return bullet(frame.paint.red('✗'), `${scenario}, ${times}: ${message}`, frame.width)
  })
  const more = moreLine(scriptErrors.length, maxScriptErrors, frame)
  return section('Script errors', [...lines, ...more], frame)
}

function moreLine(count: number, shown: number, { paint }: Frame): string[] {
  return count > shown ? [paint.dim(`  … and ${count - shown} more, in --json`)] : []
}
