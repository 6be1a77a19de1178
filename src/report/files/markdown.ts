import { formatBytes } from '../../base/index.ts'
import type { RunSummary, SeriesSummary } from '../../metrics/index.ts'
import {
  countOf,
  formatClock,
  formatCount,
  formatMeasured,
  formatMs,
  formatNumber,
  formatRatio,
  formatSpan,
  latencyOf,
  modelLabel,
  percentiles,
  perSecond,
  ratioOf,
  requestsOf,
  shownName,
} from '../figures.ts'
import { comparisonParts } from '../comparison/comparison-markdown.ts'
import type { ComparisonReport } from '../comparison/comparison-report.ts'
import { plural, validitySentence, verdictOf } from '../verdict.ts'
import { code, escape, table } from './markdown-text.ts'

const maxRows = 50
const maxFailures = 20

/** The result as GitHub's Markdown, for a pull request or GITHUB_STEP_SUMMARY. */
export function markdownReport(summary: RunSummary, comparison?: ComparisonReport): string {
  const sections = [
    head(summary),
    totals(summary),
    ...(summary.validity.valid ? [] : [list('Not valid', summary.validity.reasons)]),
    thresholds(summary),
    ...(comparison === undefined ? [] : comparisonParts(comparison, '###')),
    series('Requests', requestsOf(summary), summary),
    series(
      'Steps and polls',
      summary.series.filter(({ kind }) => kind !== 'request'),
      summary,
    ),
    checks(summary),
    failures(summary),
    list('Script errors', summary.scriptErrors.map(scriptError)),
    list('Warnings', summary.warnings),
    ...(summary.validity.valid ? [escape(validitySentence(summary))] : []),
  ]
  return `${sections.filter(section => section !== '').join('\n\n')}\n`
}

function head(summary: RunSummary): string {
  const { passed, word, because } = verdictOf(summary)
  const { run } = summary
  const warmUp = run.warmUpUs > 0 ? ` (first ${formatSpan(run.warmUpUs)} left out)` : ''
  const facts = [
    code(run.script),
    modelLabel(run.model),
    `${formatSpan(run.durationUs)}${warmUp}`,
    plural(run.workers, 'worker'),
    `run ${code(run.id)}`,
  ]
  const title = `## ${passed ? '✅' : '❌'} Load test ${word.toLowerCase()}: ${escape(because)}`
  return `${title}\n\n${facts.join(' · ')}`
}

function totals({ totals: all }: RunSummary): string {
  const rate = formatNumber(perSecond(all.requests, all.measuredSeconds))
  return [
    `**${formatCount(all.requests)}** requests (${rate}/s)`,
    `**${formatCount(all.failures)}** failed (${formatRatio(ratioOf(all.failures, all.requests))})`,
    `**${formatCount(all.iterations)}** iterations`,
    `**${formatCount(all.drops)}** dropped`,
    `${formatBytes(all.bytesIn)} in, ${formatBytes(all.bytesOut)} out`,
  ].join(' · ')
}

function thresholds(summary: RunSummary): string {
  const rows = summary.thresholds.map(({ threshold, ok, measured, note }) => [
    ok ? '✅' : '❌',
    code(threshold.expression),
    formatMeasured(threshold, measured),
    escape(note ?? ''),
  ])
  return titled('Thresholds', ['', 'threshold', '>measured', 'note'], rows)
}

function series(title: string, all: readonly SeriesSummary[], summary: RunSummary): string {
  const { measuredSeconds } = summary.totals
  const rows = all.slice(0, maxRows).map(one => {
    const latency = latencyOf(one)
    return [
      code(shownName(one, summary.scenarios.length)),
      formatCount(countOf(one)),
      formatNumber(perSecond(countOf(one), measuredSeconds)),
      formatRatio(ratioOf(one.failed.count, countOf(one))),
      ...percentiles.map(percent => formatMs(latency.percentileUs(percent))),
      formatMs(latency.maxUs),
    ]
  })
  const from = summary.run.model === 'closed' ? 'closed model' : 'from the intended start'
  const columns = ['name', '>count', '>per s', '>failed']
  const heads = [...columns, ...percentiles.map(percent => `>p${percent}`), '>max']
  const text = titled(`${title}, latency in ms, ${from}`, heads, rows)
  return `${text}${moreThan(all.length, 'names')}`
}

const moreThan = (count: number, what: string) =>
  count > maxRows ? `\n\n… and ${count - maxRows} more ${what}` : ''

function checks(summary: RunSummary): string {
  const all = [...summary.checks].sort((a, b) => b.failed - a.failed)
  const rows = all
    .slice(0, maxRows)
    .map(check => [
      check.failed === 0 ? '✅' : '❌',
      `${code(shownName(check, summary.scenarios.length))}: ${escape(check.check)}`,
      formatCount(check.passed),
      formatCount(check.failed),
      escape(check.firstReason),
    ])
  const text = titled('Checks', ['', 'check', '>passed', '>failed', 'first reason'], rows)
  return `${text}${moreThan(all.length, 'checks')}`
}

function failures(summary: RunSummary): string {
  const rows = summary.series
    .flatMap(one => one.failures.map(failure => ({ one, failure })))
    .sort((a, b) => b.failure.count - a.failure.count)
    .slice(0, maxFailures)
    .map(({ one, failure }) => [
      formatCount(failure.count),
      escape(failure.reason),
      code(shownName(one, summary.scenarios.length)),
      `${formatClock(failure.firstAtUs)} – ${formatClock(failure.lastAtUs)}`,
    ])
  return titled('Failures', ['>count', 'reason', 'name', 'first – last'], rows)
}

function scriptError({ scenario, message, count }: RunSummary['scriptErrors'][number]): string {
  return `${scenario}, ${count} times: ${message}`
}

function titled(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const text = table(heads, rows)
  return text === '' ? '' : `### ${title}\n\n${text}`
}

function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return ''
  return [`### ${title}`, '', ...items.map(item => `- ${escape(item)}`)].join('\n')
}
