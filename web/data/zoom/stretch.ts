import type { Point } from '../point.ts'

/** Points that a chart is worth; what is longer is shown in seconds that were merged. */
export const pointsMost = 900

/** Merges so many seconds into one that a chart of this many has points enough. */
export const spanOf = (seconds: number): number => Math.max(1, Math.ceil(seconds / pointsMost))

/**
 * The same for a whole run: of a long one in tens or minutes, which the store has merged already.
 * An hour is read ten times as fast.
 */
export function wholeSpanOf(seconds: number): number {
  const span = spanOf(seconds)
  if (span < 4) return span
  const stored = span <= 60 ? 10 : 60
  return stored * Math.ceil(span / stored)
}

/** Whole seconds since run start: [from, to). */
export interface Range {
  readonly from: number
  readonly to: number
}

/** A second, or several that were merged, as the page holds it. */
export interface Held {
  readonly index: number
  readonly seconds: number
  readonly bytes: Uint8Array
}

/** A part of a run, in finer seconds than the page holds of the whole. */
export interface Stretch extends Range {
  /** Seconds that were merged into one. */
  readonly span: number
  readonly held: readonly Held[]
  readonly points: readonly Point[]
}

/** The points of the whole run, but where the stretch has finer ones: those. */
export function withFiner(
  points: readonly Point[],
  stretch: Range | undefined,
  finer: readonly Point[],
): readonly Point[] {
  if (stretch === undefined) return points
  const before = points.filter(({ index, seconds }) => index + seconds <= stretch.from)
  const after = points.filter(({ index }) => index >= stretch.to)
  return [...before, ...finer, ...after]
}

/** The range in pieces, so that no span (they begin at multiples of it) reaches over `cut`. */
export function partsOf(range: Range, span: number, cut: number): Range[] {
  const { from, to } = range
  if (cut % span === 0 || cut <= from || cut >= to) return [range]
  return [
    { from, to: cut },
    { from: cut, to },
  ]
}
