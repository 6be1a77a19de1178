import {
  isShare,
  type Loads,
  type MeasureComparison,
  type RunComparison,
  type RunUse,
  type Verdict,
} from '../../statistics/index.ts'
import { formatMs, formatNumber, formatRatio, nothing, printable } from '../figures.ts'
import type { ComparisonReport, NamedMeasure, RunOutline } from './comparison-report.ts'

export const signs: Readonly<Record<Verdict, string>> = {
  regressed: '✗',
  improved: '✓',
  equivalent: '=',
  inconclusive: '?',
}

type MeasureName = MeasureComparison['measure']

/** 'p95', 'failed', 'dropped'. */
export function measureOf(measure: MeasureName): string {
  if (measure === 'errors') return 'failed'
  return measure === 'drops' ? 'dropped' : measure
}

/** What statistics calls the row of all names together. */
const overallName = 'all'

/** A name as it is shown. */
export const nameOf = (name: string): string =>
  name === overallName ? 'all requests' : printable(name)

/** A value of the measure: milliseconds without their unit, or a share in per cent. */
export function valueText(measure: MeasureName, value: number): string {
  return isShare(measure) ? formatRatio(value) : formatMs(value)
}

/** '+4.2 %', '-0.31 pp'; '–' when it was not tested, or is no number (JSON has null for it). */
export function effectText({ measure, effect }: MeasureComparison): string {
  return effect === undefined ? nothing : shiftText(measure, effect.value)
}

/** '+1.1 to +7.4 %'; '–' when it was not tested. */
export function intervalText({ measure, effect }: MeasureComparison): string {
  if (effect === undefined) return nothing
  const [low, high] = [shiftText(measure, effect.low), shiftText(measure, effect.high)]
  return `${low.replace(/ (%|pp)$/, '')} to ${high}`
}

function shiftText(measure: MeasureName, value: number): string {
  if (!Number.isFinite(value)) return nothing
  const points = (isShare(measure) ? value : value - 1) * 100
  const unit = isShare(measure) ? 'pp' : '%'
  const digits = Math.abs(points) < 10 ? points.toPrecision(2) : String(Math.round(points))
  const number = Number(digits)
  return `${number > 0 ? '+' : ''}${number === 0 ? 0 : number} ${unit}`
}

/** 'POST /api/orders: p95 is 48 % slower (120 ms, now 178 ms)'. */
export function changeWords({ name, row }: NamedMeasure): string {
  const shown = nameOf(name)
  const { measure } = row
  const effect = effectText(row).replace(/^[+-]/, '')
  const from = valueText(measure, row.base)
  const to = valueText(measure, row.candidate)
  if (isShare(measure)) {
    const more = row.candidate > row.base ? 'more' : 'fewer'
    return `${shown}: ${effect} ${more} ${measureOf(measure)} (${from}, now ${to})`
  }
  const than = (row.effect?.value ?? 1) > 1 ? 'slower' : 'faster'
  return `${shown}: ${measure} is ${effect} ${than} (${from} ms, now ${to} ms)`
}

/** 'run 2026... of main.ts, commit 1a2b3c4'. */
export function runWords({ id, script, commit }: RunOutline): string {
  const at = commit === undefined ? '' : `, commit ${commit.slice(0, 8)}`
  return `run ${id} of ${printable(script)}${at}`
}

/** Whether both had the same load; a side without any, or no common name, is named as such. */
export function loadsOf(comparison: RunComparison): Loads {
  const { matched, ratio, words } = comparison.loads
  if (nothingInCommon(comparison)) return { matched, ratio, words: apartWords(comparison) }
  const both = Number.isFinite(ratio) && ratio > 0
  return { matched, ratio, words: both ? printable(words) : 'one side had no load' }
}

const nothingInCommon = ({ names, onlyInBase, onlyInCandidate }: RunComparison) =>
  names.length === 0 && onlyInBase.length > 0 && onlyInCandidate.length > 0

const apartMax = 3

/** 'no name is in both runs: the base has GET /a, the candidate GET /b, GET /c and 4 more'. */
function apartWords({ onlyInBase, onlyInCandidate }: RunComparison): string {
  const some = (names: readonly string[]) => someOf(names.map(printable), apartMax)
  const candidate = some(onlyInCandidate)
  return `no name is in both runs: the base has ${some(onlyInBase)}, the candidate ${candidate}`
}

/** The first of a list, and how many more there are. */
export function someOf(all: readonly string[], most: number): string {
  const more = all.length > most ? ` and ${all.length - most} more` : ''
  return `${all.slice(0, most).join(', ')}${more}`
}

/** What was used of both runs, whether their loads were the same, and how runs differ. */
export function groundsOf(report: ComparisonReport): string[] {
  const { base, candidate } = report.comparison
  const used = (side: string, uses: readonly RunUse[]) => {
    const [use] = uses
    if (use === undefined) return `${side} nothing`
    const rate = formatNumber(use.requestsPerSecond)
    const warmUp = use.warmUpSeconds > 0 ? ` after ${use.warmUpSeconds} s of warm-up` : ''
    return `${side} ${use.steadySeconds} s${warmUp} (${rate} requests/s)`
  }
  const { matched, words } = loadsOf(report.comparison)
  const compared = nothingInCommon(report.comparison)
    ? 'nothing'
    : `${used('base', base)}, ${used('candidate', candidate)}`
  return [
    `Compared: ${compared}.`,
    ...(matched ? [] : [`${words.charAt(0).toUpperCase()}${words.slice(1)}.`]),
    report.runToRun.words,
  ]
}

/** A reason and what it is about. */
export interface OpenQuestion {
  readonly about: string
  readonly words: string
}

const aboutMax = 3

const independent = 'needs 20 independent samples beyond it: run longer, or with more load'

const shortReasons: Readonly<Record<string, string>> = {
  'too uncertain': 'the interval leaves open whether there is a difference that matters',
  'may be chance': 'among so many comparisons such a difference may be chance',
}

/** The table has the interval: without it, names have the same reason and are told together. */
function reasonWords({ reason, measure }: MeasureComparison): string {
  if (reason === undefined) return 'no verdict'
  if (reason.code === 'too few samples') return `${measureOf(measure)} ${independent}`
  if (reason.code === 'not steady') return `${reason.words}; run longer, or at a steady load`
  const short = shortReasons[reason.code]
  return short === undefined ? reason.words : `${short}; ${reason.words.split('; ').at(-1)}`
}

/** What could not be told and what would help: each reason once, with the names it concerns. */
export function openQuestions(rows: readonly NamedMeasure[]): OpenQuestion[] {
  const open = rows.filter(({ row }) => row.verdict === 'inconclusive')
  const byWords = Map.groupBy(open, ({ row }) => reasonWords(row))
  return [...byWords].map(([words, concerned]) => {
    const all = concerned.map(({ name, row }) => `${measureOf(row.measure)} of ${nameOf(name)}`)
    return { about: someOf(all, aboutMax), words: printable(words) }
  })
}
