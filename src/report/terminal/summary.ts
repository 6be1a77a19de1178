import { formatBytes } from '../../base/index.ts'
import type { RunSummary } from '../../metrics/index.ts'
import type { ComparisonReport } from '../comparison/comparison-report.ts'
import { comparisonSections } from '../comparison/comparison-text.ts'
import {
  formatCount,
  formatNumber,
  formatRatio,
  formatSpan,
  modelLabel,
  nothing,
  perSecond,
  printable,
  ratioOf,
  requestsOf,
} from '../figures.ts'
import type { Paint } from '../paint.ts'
import { plural, validitySentence, verdictOf } from '../verdict.ts'
import { bullet, section, type Frame } from './section.ts'
import {
  checkLines,
  dropLines,
  failureLines,
  scriptErrorLines,
  slowestLines,
} from './summary-lists.ts'
import { seriesLines, serviceTimeLines } from './summary-tables.ts'
import { thresholdLines } from './summary-thresholds.ts'
import { padEnd, widthOf, wrap } from './width.ts'

export interface SummaryOptions {
  /** Columns of the terminal; used between 72 and 160. @default 80 */
  readonly width?: number
  readonly paint: Paint
  /** With the run it was to be compared with, shown before the verdict. */
  readonly comparison?: ComparisonReport
}

/**
 * The whole result of a run for a terminal: what ran, figures per name, thresholds, checks, what
 * failed and why, whether the figures can be trusted, and at the very end the verdict. Sections
 * without content are left out. Ends with a line break.
 */
export function summaryText(summary: RunSummary, options: SummaryOptions): string {
  const width = Math.min(160, Math.max(72, options.width ?? 80))
  const frame = { width, paint: options.paint }
  const { comparison } = options
  const sections = [
    headLines(summary, frame),
    [...totalLines(summary, frame), ...retryLines(summary, frame)],
    ...seriesLines(summary, frame),
    serviceTimeLines(summary, frame),
    thresholdLines(summary, frame),
    checkLines(summary, frame),
    failureLines(summary, frame),
    slowestLines(summary, frame),
    dropLines(summary, frame),
    scriptErrorLines(summary, frame),
    warningLines(summary, frame),
    validityLines(summary, frame),
    ...(comparison === undefined ? [] : comparisonSections(comparison, frame)),
    verdictLines(summary, frame),
  ]
  const shown = sections.filter(lines => lines.length > 0).map(lines => lines.join('\n'))
  return `\n${shown.join('\n\n')}\n`
}

function headLines({ run }: RunSummary, { width, paint }: Frame): string[] {
  const warmUp = run.warmUpUs > 0 ? ` (first ${formatSpan(run.warmUpUs)} left out)` : ''
  const facts = [
    modelLabel(run.model),
    `${formatSpan(run.durationUs)}${warmUp}`,
    plural(run.workers, 'worker'),
    `run ${run.id}`,
  ]
  const script = printable(run.script)
  const line = `  ${script}  ${facts.join(' · ')}`
  if (widthOf(line) <= width) return [`  ${paint.bold(script)}  ${paint.dim(facts.join(' · '))}`]
  const lines = wrap(facts.join(' · '), width - 2)
  return [`  ${paint.bold(script)}`, ...lines.map(text => `  ${paint.dim(text)}`)]
}

function totalLines({ totals, run }: RunSummary, { paint }: Frame): string[] {
  const { measuredSeconds } = totals
  const rate = (count: number) => `${formatNumber(perSecond(count, measuredSeconds))}/s`
  const bytesRate = (bytes: number) => {
    const bytesPerSecond = perSecond(bytes, measuredSeconds)
    return bytesPerSecond === undefined ? nothing : `${formatBytes(bytesPerSecond)}/s`
  }
  const failures = `${formatCount(totals.failures)} failed (${formatRatio(
    ratioOf(totals.failures, totals.requests),
  )})`
  const drops = `${formatCount(totals.drops)} dropped`
  const rows = [
    [
      'Requests',
      formatCount(totals.requests),
      rate(totals.requests),
      totals.failures > 0 ? paint.red(failures) : failures,
    ],
    [
      'Iterations',
      formatCount(totals.iterations),
      rate(totals.iterations),
      totals.drops > 0 ? paint.yellow(drops) : run.model === 'closed' ? '' : drops,
    ],
    ['Received', formatBytes(totals.bytesIn), bytesRate(totals.bytesIn), ''],
    ['Sent', formatBytes(totals.bytesOut), bytesRate(totals.bytesOut), ''],
  ] as const
  return rows.map(([name, count, each, extra]) =>
    `  ${paint.dim(padEnd(name, 12))}${padEnd(count, 14)}${padEnd(each, 14)}${extra}`.trimEnd(),
  )
}

function retryLines(summary: RunSummary, { paint, width }: Frame): string[] {
  const count = requestsOf(summary).reduce((sum, { retries }) => sum + retries, 0)
  if (count === 0) return []
  const many = count === 1 ? '1 exchange was' : `${formatCount(count)} exchanges were`
  const text = `${many} sent again because a kept-alive connection had closed`
  return wrap(text, width - 2).map(line => `  ${paint.dim(line)}`)
}

function warningLines({ warnings }: RunSummary, frame: Frame): string[] {
  const lines = warnings.flatMap(warning => bullet(frame.paint.yellow('!'), warning, frame.width))
  return section('Warnings', lines, frame)
}

function validityLines(summary: RunSummary, frame: Frame): string[] {
  const { valid, reasons } = summary.validity
  const { paint, width } = frame
  if (valid) return wrap(validitySentence(summary), width - 2).map(line => `  ${paint.dim(line)}`)
  const lines = reasons.flatMap(reason => bullet(paint.red('✗'), reason, width))
  return section('Not valid', lines, frame)
}

function verdictLines(summary: RunSummary, { paint, width }: Frame): string[] {
  const { passed, word, because, exitCode } = verdictOf(summary)
  const sign = passed ? '✓' : '✗'
  const colour = passed ? paint.green : paint.red
  const end = passed ? '' : ` (exit code ${exitCode})`
  const [first = '', ...rest] = wrap(printable(`${because}${end}`), width - widthOf(word) - 6)
  const indent = ' '.repeat(widthOf(word) + 6)
  return [
    `  ${paint.bold(colour(`${sign} ${word}`))}  ${first}`,
    ...rest.map(line => `${indent}${line}`),
  ]
}
