/**
 * Divides a whole number in proportion to weights (0 or more, not all 0). The parts are whole, add
 * up to `total`, and each differs from its exact share by less than 1: the largest remainders get
 * the units that rounding down left over, the earlier of equals first.
 */
export function divideCount(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  const exact = weights.map(weight => (total * weight) / sum)
  const parts = exact.map(Math.floor)
  const left = total - parts.reduce((all, part) => all + part, 0)
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder)
  for (const { index } of byRemainder.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1
  return parts
}
