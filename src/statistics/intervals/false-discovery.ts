/**
 * For every p-value (0..1) its q-value, in the same order: the smallest share of false discoveries
 * at which it would still count as one. Benjamini & Hochberg, "Controlling the false discovery
 * rate", 1995, as adjusted values: min over ranks r >= own of p(r) m / r. Empty for an empty list.
 */
export function falseDiscoveryRates(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[b]! - pValues[a]!)
  const qValues = new Array<number>(pValues.length).fill(1)
  let smallest = 1
  order.forEach((index, place) => {
    const rank = pValues.length - place
    smallest = Math.min(smallest, (pValues[index]! * pValues.length) / rank)
    qValues[index] = smallest
  })
  return qValues
}
