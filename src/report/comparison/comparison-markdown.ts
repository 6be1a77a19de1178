import { isShare } from '../../statistics/index.ts'
import { formatMs, printable } from '../figures.ts'
import { code, escape, table } from '../files/markdown-text.ts'
import {
  hiddenWords,
  measuresOf,
  shownRows,
  type ComparisonReport,
  type NamedMeasure,
} from './comparison-report.ts'
import {
  effectText,
  groundsOf,
  intervalText,
  measureOf,
  nameOf,
  openQuestions,
  runWords,
  signs,
  valueText,
} from './comparison-words.ts'

/** GitHub refuses a comment of more than 65,536 characters. */
const hiddenMax = 200
const questionsMax = 20

/** The comparison as GitHub's and GitLab's Markdown, for a pull request. */
export function comparisonMarkdown(report: ComparisonReport): string {
  return `${comparisonParts(report, '##').join('\n\n')}\n`
}

/** Its parts under a heading of this level: alone, or within the summary of a run. */
export function comparisonParts(report: ComparisonReport, level: '##' | '###'): string[] {
  const { verdict, because, base, candidate } = report
  const { shown, hidden } = shownRows(report)
  const sides = `base: ${escape(runWords(base))} · candidate: ${escape(runWords(candidate))}`
  const parts = [
    `${level} ${signs[verdict]} Compared with the baseline: ${verdict}`,
    escape(because),
    rowsTable(shown),
    questions(report),
    folded(hiddenWords(hidden), rowsTable(hidden.slice(0, hiddenMax))),
    folded('The whole distribution', deciles(report)),
    folded('What was compared', [sides, ...grounds(report)].join('\n\n')),
  ]
  return parts.filter(part => part !== '')
}

function rowsTable(rows: readonly NamedMeasure[]): string {
  const heads = ['', 'name', 'measure', '>base → candidate', '>change', '>95 % interval', 'verdict']
  return table(
    heads,
    rows.map(({ name, row }) => {
      const { measure, verdict } = row
      const unit = isShare(measure) ? '' : ' ms'
      const [from, to] = [valueText(measure, row.base), valueText(measure, row.candidate)]
      const shown = verdict === 'regressed' || verdict === 'improved' ? `**${verdict}**` : verdict
      const said = row.note === undefined ? shown : `${shown}, ${escape(row.note)}`
      return [
        ...[signs[verdict], code(nameOf(name)), measureOf(measure)],
        ...[`${from} → ${to}${unit}`, effectText(row), intervalText(row), said],
      ]
    }),
  )
}

function questions({ comparison }: ComparisonReport): string {
  const all = openQuestions(measuresOf(comparison))
  if (all.length === 0) return ''
  const lines = all
    .slice(0, questionsMax)
    .map(({ about, words }) => `- ${escape(about)}: ${escape(words)}`)
  const title = `What cannot be told, and why (${all.length})`
  return folded(title, lines.join('\n'))
}

function deciles({ comparison }: ComparisonReport): string {
  const heads = ['>all requests', '>base, ms', '>candidate, ms', '>candidate / base', '>95 %']
  const rows = comparison.overall.shift.map(one => [
    `${one.percent} % are faster than`,
    formatMs(one.baseUs),
    formatMs(one.candidateUs),
    one.ratio.toFixed(3),
    `${one.low.toFixed(3)} to ${one.high.toFixed(3)}`,
  ])
  return table(heads, rows)
}

const grounds = (report: ComparisonReport) =>
  [...groundsOf(report), ...report.notes.map(printable)].map(escape)

function folded(title: string, text: string): string {
  if (text === '' || title === '') return ''
  return `<details><summary>${escape(title)}</summary>\n\n${text}\n\n</details>`
}
