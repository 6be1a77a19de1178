/** So many effective samples must lie beyond a percentile before it is believed. */
export const samplesBeyond = 20

/**
 * The highest percentile (0..100, rounded down to 0.1) with at least 20 of `effectiveSamples`
 * beyond it: 99 needs 2,000 of them. Undefined below 40, where not even the median has.
 */
export function highestPercentile(effectiveSamples: number): number | undefined {
  if (!(effectiveSamples >= 2 * samplesBeyond)) return undefined
  const percent = 100 * (1 - samplesBeyond / effectiveSamples)
  return Math.floor(percent * 10 + 1e-9) / 10
}
