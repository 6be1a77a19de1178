import { theilSen } from '../robust/theil-sen.ts'
import { independentSteps } from './autocorrelation.ts'
import { batchMeans } from './mser.ts'

/** Change of a series from its first to its last step, unit of the values, with its interval. */
export interface Drift {
  readonly total: number
  readonly low: number
  readonly high: number
}

const pointsMax = 120
/** A drift is looked for in every run, so that a 95 % interval would find one in 20 of them. */
const confidence = 0.99

/**
 * Straight drift of a series by Theil-Sen. Its interval takes points as independent: the series
 * is averaged over as many steps as what is left without the drift is correlated for. An interval
 * around 0 (0, -infinity, infinity) when that leaves fewer than 5 points.
 */
export function driftOf(values: Float64Array): Drift {
  const coarse = Math.max(1, Math.ceil(values.length / pointsMax))
  const perStep = theilSen(batchMeans(values, coarse)).perStep / coarse
  const straightened = Float64Array.from(values, (value, i) => value - perStep * i)
  const perPoint = Math.max(coarse, independentSteps(straightened))
  const points = batchMeans(values, perPoint)
  if (points.length < 5) return { total: 0, low: -Infinity, high: Infinity }
  const slope = theilSen(points, confidence)
  const steps = (values.length - 1) / perPoint
  return {
    total: slope.perStep * steps,
    low: slope.lowPerStep * steps,
    high: slope.highPerStep * steps,
  }
}
