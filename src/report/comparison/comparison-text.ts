import type { Verdict } from '../../statistics/index.ts'
import { printable } from '../figures.ts'
import type { Paint } from '../paint.ts'
import { plural } from '../verdict.ts'
import { bullet, section, type Frame } from '../terminal/section.ts'
import { tableLines, type Cell, type Column } from '../terminal/table.ts'
import { widthOf, wrap } from '../terminal/width.ts'
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

export interface ComparisonTextOptions {
  /** Columns of the terminal; used between 72 and 160. @default 80 */
  readonly width?: number
  readonly paint: Paint
  /** Shown behind the verdict when it is not 0. */
  readonly exitCode: number
}

/** From this width on the verdict stands in words, not only as a sign. */
const wideFrom = 96
const questionsMax = 6

/** A whole comparison for a terminal, its verdict last. Ends with a line break. */
export function comparisonText(report: ComparisonReport, options: ComparisonTextOptions): string {
  const width = Math.min(160, Math.max(72, options.width ?? 80))
  const frame = { width, paint: options.paint }
  const sections = [
    sideLines(report, frame),
    ...comparisonSections(report, frame),
    verdictLines(report, options.exitCode, frame),
  ]
  const shown = sections.filter(lines => lines.length > 0).map(lines => lines.join('\n'))
  return `\n${shown.join('\n\n')}\n`
}

/** The sections of a comparison without head and verdict, for the summary of a run. */
export function comparisonSections(report: ComparisonReport, frame: Frame): string[][] {
  return [tableSection(report, frame), openSection(report, frame), groundLines(report, frame)]
}

function sideLines({ base, candidate }: ComparisonReport, { width, paint }: Frame): string[] {
  const line = (side: string, words: string) =>
    wrap(words, width - 14).map((text, i) =>
      i === 0 ? `  ${paint.dim(side.padEnd(11))} ${text}` : `${' '.repeat(14)}${text}`,
    )
  return [...line('base', runWords(base)), ...line('candidate', runWords(candidate))]
}

function tableSection(report: ComparisonReport, frame: Frame): string[] {
  const { paint, width } = frame
  const { shown, hidden } = shownRows(report)
  const isWide = width >= wideFrom
  const columns: readonly Column[] = [
    { head: '', align: 'left' },
    { head: 'name', align: 'left', shrinks: true },
    { head: '', align: 'left' },
    { head: 'base', align: 'right' },
    { head: 'candidate', align: 'right' },
    { head: 'change', align: 'right' },
    { head: '95 % interval', align: 'right' },
    ...(isWide ? [{ head: 'verdict', align: 'left' } as const] : []),
  ]
  const rows = shown.map(one => rowOf(one, frame).slice(0, columns.length))
  const lines = tableLines({ columns, rows, width, paintHead: paint.dim })
  const more = hiddenWords(hidden)
  const legend = Object.entries(signs).map(([verdict, sign]) => `${sign} ${verdict}`)
  const notes = [
    ...(more === '' ? [] : [`… and ${more}, in --json and --markdown`]),
    ...(isWide ? [] : [legend.join('  ')]),
  ]
  const title = `Compared with run ${report.base.id}, latency in ms`
  return section(title, [...lines, ...notes.map(text => `  ${paint.dim(text)}`)], frame)
}

function rowOf({ name, row }: NamedMeasure, { paint }: Frame): Cell[] {
  const colour = colourOf(row.verdict, paint)
  const { measure, verdict } = row
  return [
    { text: signs[verdict], paint: colour },
    { text: nameOf(name) },
    { text: measureOf(measure) },
    { text: valueText(measure, row.base) },
    { text: valueText(measure, row.candidate) },
    { text: effectText(row), paint: colour },
    { text: intervalText(row) },
    { text: verdict, paint: colour },
  ]
}

function colourOf(verdict: Verdict, paint: Paint): (text: string) => string {
  if (verdict === 'regressed') return paint.red
  if (verdict === 'improved') return paint.green
  return verdict === 'inconclusive' ? paint.yellow : text => text
}

function openSection(report: ComparisonReport, frame: Frame): string[] {
  const questions = openQuestions(measuresOf(report.comparison))
  const shown = questions.slice(0, questionsMax)
  const lines = shown.flatMap(({ about, words }) =>
    bullet(frame.paint.yellow('?'), `${about}: ${words}`, frame.width),
  )
  const hidden = questions.length - shown.length
  const more =
    hidden > 0 ? [frame.paint.dim(`  … and ${plural(hidden, 'more reason')}, in --json`)] : []
  return section('What cannot be told', [...lines, ...more], frame)
}

function groundLines(report: ComparisonReport, { paint, width }: Frame): string[] {
  return [...groundsOf(report), ...report.notes.map(printable)].flatMap(text =>
    wrap(text, width - 2).map(line => `  ${paint.dim(line)}`),
  )
}

function verdictLines(
  { verdict, because }: ComparisonReport,
  exitCode: number,
  { paint, width }: Frame,
): string[] {
  const word = verdict.toUpperCase()
  const end = exitCode === 0 ? '' : ` (exit code ${exitCode})`
  const [first = '', ...rest] = wrap(printable(`${because}${end}`), width - widthOf(word) - 6)
  const indent = ' '.repeat(widthOf(word) + 6)
  const shown = `${signs[verdict]} ${word}`
  return [
    `  ${paint.bold(colourOf(verdict, paint)(shown))}  ${first}`,
    ...rest.map(line => `${indent}${line}`),
  ]
}
