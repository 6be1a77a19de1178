import { normalQuantile } from '../special/normal.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

/** 97.5 % point of the normal distribution: the z of a two-sided 95 % interval. */
export const z95 = normalQuantile(0.975)

/**
 * Wilson's score interval of a share, 0..1: `hits` of `total`, both 0 or more and not necessarily
 * whole (an effective number of samples). Nothing seen gives [0, 1]. Source: E. B. Wilson,
 * "Probable inference, the law of succession, and statistical inference", JASA 1927.
 *
 * @param z width in standard deviations. @default 1.96, a 95 % interval
 */
export function wilson(hits: number, total: number, z: number = z95): Interval {
  if (total <= 0) return { low: 0, high: 1 }
  const share = hits / total
  const z2 = z * z
  const middle = (share + z2 / (2 * total)) / (1 + z2 / total)
  const inside = (share * (1 - share)) / total + z2 / (4 * total * total)
  const half = (z * Math.sqrt(inside)) / (1 + z2 / total)
  // At no hits and at nothing but hits the limits are exact: rounding must not say 1e-19.
  return {
    low: hits <= 0 ? 0 : Math.max(0, middle - half),
    high: hits >= total ? 1 : Math.min(1, middle + half),
  }
}
