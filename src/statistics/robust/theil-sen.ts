import { normalQuantile } from '../special/normal.ts'
import { median } from './median.ts'

export interface Slope {
  /** Median of the slopes of all pairs of points, unit of the values per step. */
  readonly perStep: number
  readonly lowPerStep: number
  readonly highPerStep: number
}

/**
 * Slope of a series of equally spaced values with its confidence interval; a third of the values
 * may be arbitrarily wrong. The interval is Sen's, from the normal approximation of Kendall's S
 * (P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 1968): it
 * takes values as independent, so a correlated series is averaged to longer steps first. All NaN
 * for fewer than two values; for a handful the interval is the whole range of slopes. Takes n^2 / 2
 * slopes: keep n below a thousand.
 *
 * @param confidence 0..1. @default 0.95
 */
export function theilSen(values: ArrayLike<number>, confidence = 0.95): Slope {
  const count = values.length
  const slopes = new Float64Array((count * (count - 1)) / 2)
  let next = 0
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) slopes[next++] = (values[j]! - values[i]!) / (j - i)
  }
  slopes.sort()
  const deviation = Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)
  const width = normalQuantile(0.5 + confidence / 2) * deviation
  const low = Math.floor((slopes.length - width) / 2) - 1
  const high = Math.ceil((slopes.length + width) / 2)
  return {
    perStep: median(slopes),
    lowPerStep: slopes[Math.max(low, 0)] ?? NaN,
    highPerStep: slopes[Math.min(high, slopes.length - 1)] ?? NaN,
  }
}
