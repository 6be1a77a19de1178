import { autocorrelationTime } from '../steady/autocorrelation.ts'
import type { Slice, SliceSource } from './slices.ts'

/** The steady part of one run (or of one name of it). */
export interface SteadyPart {
  readonly source: SliceSource
  readonly fromSecond: number
  readonly toSecond: number
}

/**
 * A stretch is at least this many autocorrelation times long, which is ten of Sokal's: his is half
 * of ours.
 */
export const stretchTimes = 5
/** So many stretches a side must have. */
export const stretchesMin = 12
/** With more of them, stretches are made longer instead: nothing is gained beyond. */
const stretchesWanted = 24

export const secondsOf = ({ fromSecond, toSecond }: SteadyPart): number => toSecond - fromSecond
export const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0)

/**
 * Seconds after which the latency of a part is as good as independent: the integrated
 * autocorrelation time of the log mean latency of its seconds. Seconds without exchanges are
 * skipped, and the average distance of the others is the step. The whole part when it is empty.
 */
export function correlationSeconds(part: SteadyPart): number {
  const logs: number[] = []
  for (let second = part.fromSecond; second < part.toSecond; second++) {
    const { count, meanUs } = part.source.merged(second, second + 1)
    if (count > 0) logs.push(Math.log(Math.max(meanUs, 1e-3)))
  }
  if (logs.length === 0) return secondsOf(part)
  return (autocorrelationTime(logs) * secondsOf(part)) / logs.length
}

/** Length in s that gives about 24 stretches to the side that has less time. */
export function usualLength(...sides: readonly (readonly SteadyPart[])[]): number {
  const shorter = Math.min(...sides.map(parts => sum(parts.map(secondsOf))))
  return Math.max(1, Math.floor(shorter / stretchesWanted))
}

/**
 * All whole stretches of a side, run by run. What does not fill one is left out at a part's start,
 * where the warm-up was.
 */
export function cut(parts: readonly SteadyPart[], lengthSeconds: number): Slice[][] {
  return parts.map(part => {
    const count = Math.floor(secondsOf(part) / lengthSeconds)
    const first = part.toSecond - count * lengthSeconds
    return Array.from({ length: count }, (_, i) => {
      const from = first + i * lengthSeconds
      return part.source.merged(from, from + lengthSeconds)
    })
  })
}
