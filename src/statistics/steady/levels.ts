import { median } from '../robust/median.ts'
import { studentCdf } from '../special/student.ts'
import { independentSteps } from './autocorrelation.ts'
import { changePoints } from './ed-pelt.ts'
import { batchMeans } from './mser.ts'

/** A stay of the series at one level: the steps [from, to). */
export interface Level {
  readonly from: number
  readonly to: number
  /** Median of the values, in their unit (here: logarithms). */
  readonly height: number
}

/** More points than this are averaged first, which keeps the search under a few milliseconds. */
const pointsMax = 300
/** Fewer steps than this, or less than this share of all, is a hiccup and not a level. */
const stepsMin = 10
const shareMin = 0.1
/**
 * A change must stand a t-test at this level. ED-PELT alone finds one in a quarter of all series
 * that have none (300 independent values, penalty 3 log n); this leaves one in twenty or fewer.
 */
const surely = 0.0005

/**
 * The levels a series of logarithms stays at, one or more, without gaps; neighbours differ by at
 * least `leastStep` and surely. Change points are sought by ED-PELT, which takes values as
 * independent; so the series is averaged over as many steps as what is left without the levels is
 * correlated for, until that agrees. Neighbours that do not pass are joined, the least certain
 * ones first. Empty for no values.
 */
export function levelsOf(logs: Float64Array, leastStep: number): Level[] {
  let perPoint = Math.max(1, Math.ceil(logs.length / pointsMax))
  for (;;) {
    const steps = Math.max(stepsMin, logs.length * shareMin)
    const shortest = Math.max(3, Math.ceil(steps / perPoint))
    const means = batchMeans(logs, perPoint)
    const points = confirmed(means, changePoints(means, shortest), leastStep)
    const levels = levelsBetween(logs, scaled(points, perPoint))
    const needed = independentSteps(withoutLevels(logs, levels))
    if (points.length === 0 || needed <= perPoint) return levels
    perPoint = needed
  }
}

const scaled = (points: readonly number[], factor: number) => points.map(point => point * factor)

function levelsBetween(logs: Float64Array, points: readonly number[]): Level[] {
  if (logs.length === 0) return []
  const edges = [0, ...points, logs.length]
  return edges.slice(1).map((to, index) => {
    const from = edges[index]!
    return { from, to, height: median(logs.subarray(from, to)) }
  })
}

function withoutLevels(logs: Float64Array, levels: readonly Level[]): Float64Array {
  const rest = Float64Array.from(logs)
  for (const { from, to, height } of levels) {
    for (let i = from; i < to; i++) rest[i]! -= height
  }
  return rest
}

/** Drops the least certain change point until all that are left pass. */
function confirmed(means: Float64Array, points: readonly number[], leastStep: number): number[] {
  const kept = [...points]
  while (kept.length > 0) {
    const edges = [0, ...kept, means.length]
    const chances = kept.map((point, i) => {
      const before = means.subarray(edges[i], point)
      const after = means.subarray(point, edges[i + 2])
      const step = Math.abs(median(after) - median(before))
      return step < leastStep ? 1 : chanceOfNoStep(before, after)
    })
    const largest = Math.max(...chances)
    if (largest < surely) break
    kept.splice(chances.indexOf(largest), 1)
  }
  return kept
}

/** Two-sided p-value of Welch's t-test (B. L. Welch 1947); 0 for different constants. */
function chanceOfNoStep(before: Float64Array, after: Float64Array): number {
  const from = meanAndError(before)
  const to = meanAndError(after)
  const squared = from.squaredError + to.squaredError
  const step = Math.abs(to.mean - from.mean)
  if (squared === 0) return step === 0 ? 1 : 0
  const spread =
    from.squaredError ** 2 / (before.length - 1) + to.squaredError ** 2 / (after.length - 1)
  return 2 * studentCdf(-step / Math.sqrt(squared), squared ** 2 / spread)
}

function meanAndError(values: Float64Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, squaredError: squares / (values.length - 1) / values.length }
}
