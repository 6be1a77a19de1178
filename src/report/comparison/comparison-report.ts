import type {
  MeasureComparison,
  NameComparison,
  RunComparison,
  Verdict,
} from '../../statistics/index.ts'
import type { RunToRunFacts } from './history.ts'
import type { RecordedRun } from './recorded-run.ts'

/** What two runs came to, laid beside each other: all formats of a comparison read this. */
export interface ComparisonReport {
  readonly base: RunOutline
  readonly candidate: RunOutline
  readonly comparison: RunComparison
  /** That of the comparison; 'inconclusive' when a run is not fit to be compared. */
  readonly verdict: Verdict
  /** Why, in a sentence without a full stop. */
  readonly because: string
  /** What a reader should know: whole sentences. */
  readonly notes: readonly string[]
  readonly runToRun: RunToRunFacts
}

export type RunOutline = Omit<RecordedRun, 'seconds'>

/** One measure that says something about one name. */
export interface NamedMeasure {
  readonly name: string
  readonly row: MeasureComparison
}

/** Every measure, all names together first; then those with the verdict only. */
export function measuresOf(comparison: RunComparison, verdict?: Verdict): NamedMeasure[] {
  const rows = (one: NameComparison) => one.measures.map(row => ({ name: one.name, row }))
  const all = [comparison.overall, ...comparison.names].flatMap(rows)
  return verdict === undefined ? all : all.filter(({ row }) => row.verdict === verdict)
}

/** With so many names or fewer, every measure of each is shown at once. */
export const namesAtOnce = 5
const rowsMax = 40

export interface ShownRows {
  /** All names together, and what changed; everything when there are few names. */
  readonly shown: readonly NamedMeasure[]
  readonly hidden: readonly NamedMeasure[]
}

/** Which measures a reader sees first. What regressed comes before what improved. */
export function shownRows({ comparison }: ComparisonReport): ShownRows {
  const all = measuresOf(comparison)
  if (comparison.names.length <= namesAtOnce) return { shown: all, hidden: [] }
  const overall = all.slice(0, comparison.overall.measures.length)
  const named = all.slice(overall.length)
  const changed = (['regressed', 'improved'] as const).flatMap(verdict =>
    named.filter(({ row }) => row.verdict === verdict),
  )
  const shown = [...overall, ...changed].slice(0, rowsMax)
  const seen = new Set(shown.map(({ row }) => row))
  return { shown, hidden: all.filter(({ row }) => !seen.has(row)) }
}

/** '12 more without a change: 8 equivalent, 4 inconclusive'; '' when there are none. */
export function hiddenWords(hidden: readonly NamedMeasure[]): string {
  if (hidden.length === 0) return ''
  const counts = Map.groupBy(hidden, ({ row }) => row.verdict)
  const parts = [...counts].map(([verdict, rows]) => `${rows.length} ${verdict}`)
  return `${hidden.length} more measures: ${parts.join(', ')}`
}
