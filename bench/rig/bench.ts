/** One line of a result table. */
export interface Row {
  readonly name: string
  readonly unit: string
  readonly measured: number
  /** What it is compared with, same unit; undefined when the budget is absolute. */
  readonly reference: number | undefined
  /** measured / reference; undefined without a reference. */
  readonly ratio: number | undefined
  /** The budget in words, such as 'ratio >= 0.70'; undefined when the row only informs. */
  readonly budget: string | undefined
  /** Whether the budget holds; undefined when the row only informs. */
  readonly ok: boolean | undefined
}

export type BenchResult =
  | { readonly kind: 'measured'; readonly rows: readonly Row[]; readonly notes: readonly string[] }
  | { readonly kind: 'skipped'; readonly reason: string }

export interface BenchOptions {
  /**
   * Seconds instead of minutes, fewer users: proves that the bench works, says nothing of speed.
   */
  readonly tiny: boolean
  /** Progress, one line at a time. */
  readonly say: (line: string) => void
}

export interface Bench {
  readonly name: string
  /** What is measured and what it must reach, in one sentence. */
  readonly budget: string
  run(options: BenchOptions): Promise<BenchResult>
}

type Limit = { readonly atLeast: number } | { readonly atMost: number }

const holds = (value: number, limit: Limit) =>
  'atLeast' in limit ? value >= limit.atLeast : value <= limit.atMost
const inWords = (limit: Limit) =>
  'atLeast' in limit ? `>= ${limit.atLeast}` : `<= ${limit.atMost}`

interface Figure {
  readonly name: string
  readonly unit: string
  readonly measured: number
}

/** A figure without a budget, compared or not. */
export function informs(figure: Figure, reference?: number): Row {
  const ratio = reference === undefined ? undefined : figure.measured / reference
  return { ...figure, reference, ratio, budget: undefined, ok: undefined }
}

/** A figure with an absolute budget in its own unit. */
export function withinBudget(figure: Figure, limit: Limit): Row {
  const ok = holds(figure.measured, limit)
  return { ...figure, reference: undefined, ratio: undefined, budget: inWords(limit), ok }
}

/** A figure whose ratio to a reference has a budget. `ratio` is given when it was paired. */
export function ratioWithinBudget(
  figure: Figure & { readonly reference: number; readonly ratio?: number },
  limit: Limit,
): Row {
  const ratio = figure.ratio ?? figure.measured / figure.reference
  return { ...figure, ratio, budget: `ratio ${inWords(limit)}`, ok: holds(ratio, limit) }
}

/** A figure that must lie within a distance of its expected value. */
export function nearExpected(figure: Figure & { readonly reference: number }, within: number): Row {
  const off = Math.abs(figure.measured - figure.reference)
  return {
    ...figure,
    ratio: figure.measured / figure.reference,
    budget: `within ${Number(within.toFixed(2))} ${figure.unit}`,
    ok: off <= within,
  }
}

/** Middle value; the mean of the two middle ones for an even count. NaN when empty. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? NaN
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? NaN) + upper) / 2 : upper
}
