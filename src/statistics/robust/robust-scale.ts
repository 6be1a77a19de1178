import { median } from './median.ts'

/** Makes the median absolute deviation of normal data estimate their standard deviation. */
const normalFactor = 1.4826

export interface RobustScaleOptions {
  /** Smallest step the source of the values can tell apart, same unit. @default 0 */
  readonly resolution?: number
  /** Share of |median| below which no scale is believed. @default 0.02 */
  readonly floorRatio?: number
}

/**
 * Spread of `values` that half of them may spoil: 1.4826 times the median absolute deviation from
 * the median, at least `floorRatio` of |median| and at least `resolution`; same unit as the values.
 * NaN when empty. The floor keeps a nearly constant series from making every step look huge.
 */
export function robustScale(
  values: ArrayLike<number>,
  { resolution = 0, floorRatio = 0.02 }: RobustScaleOptions = {},
): number {
  const middle = median(values)
  const deviations = Float64Array.from(values, value => Math.abs(value - middle))
  const scale = normalFactor * median(deviations)
  return Math.max(scale, floorRatio * Math.abs(middle), resolution)
}
