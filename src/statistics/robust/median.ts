/** Middle value, the mean of the two middle ones for an even count; NaN when empty. */
export function median(values: ArrayLike<number>): number {
  return medianInPlace(Float64Array.from(values))
}

/** As median, but reorders `values`: for callers that own a buffer and are in a hurry. */
export function medianInPlace(values: Float64Array): number {
  const count = values.length
  if (count === 0) return NaN
  const upper = nthSmallest(values, count >> 1)
  if (count % 2 === 1) return upper
  let lower = -Infinity
  for (let i = 0; i < count >> 1; i++) if (values[i]! > lower) lower = values[i]!
  return (lower + upper) / 2
}

/** Quickselect: afterwards values[n] is in its sorted place, smaller ones before it. */
function nthSmallest(values: Float64Array, n: number): number {
  let left = 0
  let right = values.length - 1
  while (left < right) {
    const pivot = values[(left + right) >> 1]!
    let i = left
    let j = right
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const swapped = values[i]!
      values[i++] = values[j]!
      values[j--] = swapped
    }
    if (n <= j) right = j
    else if (n >= i) left = i
    else break
  }
  return values[n]!
}
