/** Sokal's factor: the sum is cut at the first lag that is this many times its own value. */
const cutFactor = 5

/**
 * Integrated autocorrelation time of equally spaced values, in steps: 1 + 2 sum of the correlations
 * at lags 1, 2, ...: so many steps in a row say as much as one independent value. At least 1; 1 for
 * constant values and for fewer than 4.
 *
 * The sum stops at the first lag M with M >= 5 tau(M) (A. Sokal, "Monte Carlo methods in
 * statistical mechanics", 1997, section 3, automatic windowing), because later terms are noise. It
 * is then divided by 1 - (2 M + 1) / n, at least 1/2: correlations around the series' own mean come
 * out too small (U. Wolff, "Monte Carlo errors with less errors", 2004, formula 49, to first
 * order).
 */
export function autocorrelationTime(values: ArrayLike<number>): number {
  const count = values.length
  const centred = minusMean(values)
  const variance = correlation(centred, 0)
  if (count < 4 || !(variance > 0)) return 1
  let time = 1
  for (let lag = 1; lag < count; lag++) {
    time += (2 * correlation(centred, lag)) / variance
    if (lag >= cutFactor * time || lag === count - 1) {
      return Math.max(1, time / Math.max(0.5, 1 - (2 * lag + 1) / count))
    }
  }
  return 1
}

/**
 * Steps to average over so that the means are as good as independent: 1 for independent values,
 * else up to 3 autocorrelation times, because means over only one of them still correlate by 0.3.
 */
export function independentSteps(values: ArrayLike<number>): number {
  return Math.ceil(3 * (autocorrelationTime(values) - 1) + 1 - 1e-9)
}

/** Number of independent values that say as much: count / autocorrelationTime. 0 when empty. */
export function effectiveCount(values: ArrayLike<number>): number {
  return values.length / autocorrelationTime(values)
}

function minusMean(values: ArrayLike<number>): Float64Array {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  const mean = sum / values.length
  return Float64Array.from(values, value => value - mean)
}

/** Sum over all pairs `lag` steps apart; at lag 0 the sum of squares. */
function correlation(centred: Float64Array, lag: number): number {
  let sum = 0
  for (let i = lag; i < centred.length; i++) sum += centred[i]! * centred[i - lag]!
  return sum
}
