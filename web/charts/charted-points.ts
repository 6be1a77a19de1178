import type { RunItem } from '../../src/server/api.ts'
import type { Point } from '../data/point.ts'

/** A piece of a second that is shorter says too little of a rate, seconds. */
const shortestSeconds = 0.5

/**
 * Points as charts draw them: the last one of a run that is over covers only the time until its
 * end, so that rates divide by what was measured. A last piece of less than half a second is left
 * out; every figure still counts it.
 */
export function chartedPoints(
  points: readonly Point[],
  { state, durationUs }: Pick<RunItem, 'state' | 'durationUs'>,
): readonly Point[] {
  const last = points.at(-1)
  if (last === undefined || state === 'running') return points
  const seconds = Math.min(last.seconds, durationUs / 1e6 - last.index)
  if (seconds === last.seconds) return points
  const before = points.slice(0, -1)
  if (before.length > 0 && seconds < shortestSeconds) return before
  return seconds > 0 ? [...before, { ...last, seconds }] : points
}
