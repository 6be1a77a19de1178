/**
 * Indexes at which the distribution of a series changes, ascending: each is the first value of a
 * new segment. Any kind of change counts, not only of the mean; the values must be independent
 * (average a correlated series first). Empty when nothing changes or with fewer than two segments'
 * worth of values. Takes time n^2 log n at worst: keep n below a few thousand.
 *
 * ED-PELT: Haynes, Fearnhead & Eckley, "A computationally efficient nonparametric approach for
 * changepoint detection", 2017. Costs from k = ceil(4 log n) quantiles (section 3.1), penalty
 * 3 log n for each change (the modified BIC, as in the perfolizer library), pruned by PELT
 * (Killick et al. 2012).
 *
 * @param shortest smallest number of values in a segment, 1 or more.
 */
export function changePoints(values: ArrayLike<number>, shortest: number): number[] {
  const count = values.length
  if (count < 2 * shortest || count < 3) return []
  const cost = segmentCost(values)
  const penalty = 3 * Math.log(count)
  const bestCost = new Float64Array(count + 1)
  const previous = new Int32Array(count + 1)
  bestCost[0] = -penalty
  for (let end = shortest; end < 2 * shortest; end++) bestCost[end] = cost(0, end)
  let starts = [0, shortest]
  for (let end = 2 * shortest; end <= count; end++) {
    const costs = starts.map(start => bestCost[start]! + cost(start, end) + penalty)
    let best = 0
    for (let i = 1; i < costs.length; i++) if (costs[i]! < costs[best]!) best = i
    const least = costs[best]!
    bestCost[end] = least
    previous[end] = starts[best]!
    // What is worse than the best by a whole penalty can never begin a best segment again.
    starts = starts.filter((_, i) => costs[i]! < least + penalty)
    starts.push(end - shortest + 1)
  }
  const points: number[] = []
  for (let at = previous[count]!; at > 0; at = previous[at]!) points.push(at)
  return points.reverse()
}

/**
 * Cost of the values [start, end): minus twice the log-likelihood of their own empirical
 * distribution, added over k quantiles of the whole series (formulas 2.1, 2.2 and section 3.1).
 */
function segmentCost(values: ArrayLike<number>): (start: number, end: number) => number {
  const count = values.length
  const quantiles = Math.min(count, Math.ceil(4 * Math.log(count)))
  const below = countsBelow(values, quantiles)
  // x log x of every half-integer count that can occur.
  const timesLog = Float64Array.from({ length: 2 * count + 1 }, (_, x) =>
    x === 0 ? 0 : x * Math.log(x),
  )
  const factor = -Math.log(2 * count - 1) / quantiles
  return (start, end) => {
    const all = 2 * (end - start)
    const from = start * quantiles
    const to = end * quantiles
    let sum = 0
    for (let i = 0; i < quantiles; i++) {
      const less = below[to + i]! - below[from + i]!
      sum += timesLog[less]! + timesLog[all - less]!
    }
    return factor * (sum - quantiles * timesLog[all]!)
  }
}

/**
 * For every prefix of the series and every quantile: twice the number of values below it, plus the
 * number equal to it. Rows of `quantiles` entries, count + 1 of them.
 */
function countsBelow(values: ArrayLike<number>, quantiles: number): Int32Array {
  const count = values.length
  const sorted = Float64Array.from(values).sort()
  const limits = Float64Array.from({ length: quantiles }, (_, i) => {
    const z = -1 + (2 * i + 1) / quantiles
    return sorted[Math.trunc((count - 1) / (1 + (2 * count - 1) ** -z))]!
  })
  const below = new Int32Array((count + 1) * quantiles)
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < quantiles; i++) {
      const value = values[row]!
      const step = value < limits[i]! ? 2 : value === limits[i]! ? 1 : 0
      below[(row + 1) * quantiles + i] = below[row * quantiles + i]! + step
    }
  }
  return below
}
