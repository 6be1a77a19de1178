/** Values to a batch: the 5 of MSER-5. */
const batchLength = 5

export interface Truncation {
  /** Values at the start that belong to the warm-up: whole batches of 5. */
  readonly warmUp: number
  /** False when the best cut is at the half or later: the warm-up may not be over. */
  readonly steady: boolean
}

/**
 * Where the warm-up of a series ends. Means Z(1..k) of 5 values each; the cut d <= k / 2 that makes
 * sum over i > d of (Z(i) - mean)^2 / (k - d)^2 smallest, the first one if several do. Not steady
 * when d = floor(k / 2), and for fewer than 4 batches (20 values), where nothing can be said.
 *
 * Source: K. P. White, "An effective truncation heuristic for bias reduction in simulation output",
 * 1997 (MSER); White, Cobb & Spratt, "A comparison of five steady-state truncation heuristics",
 * 2000 (MSER-5); Hoad, Robinson & Davies, "AutoSimOA", 2011 (the bound k / 2).
 */
export function mser5(values: ArrayLike<number>): Truncation {
  const batches = batchMeans(values, batchLength)
  const latest = Math.floor(batches.length / 2)
  if (batches.length < 4) return { warmUp: 0, steady: false }
  let best = 0
  let smallest = Infinity
  // From the end: mean and sum of squares of the rest grow by one batch a step (Welford).
  let mean = 0
  let squares = 0
  for (let cut = batches.length - 1; cut >= 0; cut--) {
    const rest = batches.length - cut
    const step = batches[cut]! - mean
    mean += step / rest
    squares += step * (batches[cut]! - mean)
    const error = squares / (rest * rest)
    if (cut <= latest && error <= smallest) {
      smallest = error
      best = cut
    }
  }
  return { warmUp: best * batchLength, steady: best < latest }
}

/** Means of `length` values each, in order; an incomplete batch at the end is left out. */
export function batchMeans(values: ArrayLike<number>, length: number): Float64Array {
  const means = new Float64Array(Math.floor(values.length / length))
  for (let batch = 0; batch < means.length; batch++) {
    let sum = 0
    for (let i = 0; i < length; i++) sum += values[batch * length + i]!
    means[batch] = sum / length
  }
  return means
}
