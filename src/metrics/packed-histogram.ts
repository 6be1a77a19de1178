export interface HistogramBucket {
  /** The value that stands for the bucket, µs. */
  readonly valueUs: number
  readonly count: number
}

interface Packed {
  /** Of the buckets that counted something, smallest first. */
  readonly valuesUs: Float64Array
  /** How many values lie in each of these buckets and in those before it. */
  readonly cumulated: Float64Array
  readonly minUs: number
  readonly maxUs: number
}

/** What a Histogram counted, unchangeable and small: only its buckets in use. */
export class PackedHistogram {
  readonly #packed: Packed

  /** Made by `Histogram.packed`. */
  constructor(packed: Packed) {
    this.#packed = packed
  }

  /** Number of values. */
  get count(): number {
    return this.#packed.cumulated.at(-1) ?? 0
  }

  /** As that of Histogram, to the bit: nearest rank, µs; NaN when empty. `percent` is 0..100. */
  percentileUs(percent: number): number {
    const { valuesUs, cumulated, minUs, maxUs } = this.#packed
    const { count } = this
    if (count === 0) return NaN
    const rank = rankOf(percent, count)
    if (rank >= count) return maxUs
    if (rank <= 1) return minUs
    const place = firstPlace(cumulated, seen => seen >= rank)
    return Math.min(Math.max(valuesUs[place]!, minUs), maxUs)
  }

  /** Values in buckets that stand for more than `valueUs`. */
  countAbove(valueUs: number): number {
    const { valuesUs, cumulated } = this.#packed
    const place = firstPlace(valuesUs, value => value > valueUs)
    return place === 0 ? this.count : this.count - cumulated[place - 1]!
  }

  /** Every bucket that counted something, smallest value first. */
  buckets(): HistogramBucket[] {
    const { valuesUs, cumulated } = this.#packed
    return Array.from(valuesUs, (valueUs, place) => ({
      valueUs,
      count: cumulated[place]! - (place === 0 ? 0 : cumulated[place - 1]!),
    }))
  }
}

/** Where an ascending list begins to pass; its length when it never does. */
function firstPlace(list: Float64Array, passes: (value: number) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (passes(list[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Nearest rank of a percentile, 1..count. The slack keeps 99.9 % of 1000 at rank 999, whatever the
 * last bit of the product is.
 */
export function rankOf(percent: number, count: number): number {
  const exact = (percent * count) / 100
  return Math.ceil(exact - exact * 1e-12)
}
