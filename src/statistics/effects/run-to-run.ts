/** How much a percentile or a share differs between runs of one and the same thing. */
export interface RunToRun {
  /** Standard deviation of its logarithm: 0.03 is 3 %. */
  readonly deviation: number
  /** Number of pairs that say so, or Infinity when it is assumed. */
  readonly freedom: number
}

/** One earlier comparison of two runs of the same thing (an A/A pair), for one percentile. */
export interface SamePair {
  /** Logarithm of the ratio found. */
  readonly logRatio: number
  /** Standard error of it from within the two runs, same unit. */
  readonly windowError: number
}

/** So many pairs are needed before they replace the assumed value. */
const pairsMin = 5
/** No history makes runs more alike than this. */
const leastDeviation = 0.005

/**
 * How much runs of the same thing differ, from at least 5 A/A pairs; `assumed` with fewer. A pair's
 * squared difference is 2 s^2 plus its own error within the runs (method of moments, as
 * DerSimonian & Laird 1986 for two runs each). At least 0.5 %.
 */
export function runToRunFrom(pairs: readonly SamePair[], assumed: RunToRun): RunToRun {
  if (pairs.length < pairsMin) return assumed
  const excess = pairs.map(pair => pair.logRatio ** 2 - pair.windowError ** 2)
  const variance = excess.reduce((sum, value) => sum + value, 0) / pairs.length / 2
  const deviation = Math.max(leastDeviation, Math.sqrt(Math.max(0, variance)))
  return { deviation, freedom: pairs.length }
}
