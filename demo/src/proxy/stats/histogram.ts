/** Envoy's bounds for histograms in Prometheus' format, ms. */
const bounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
  600_000, 1_800_000, 3_600_000,
]

/** Counts values in Envoy's buckets. A value on a bound belongs below it, as Prometheus has it. */
export class Histogram {
  readonly #counts = new Uint32Array(bounds.length + 1)
  sum = 0
  count = 0

  observe(value: number): void {
    let index = 0
    while (index < bounds.length && value > bounds[index]!) index += 1
    this.#counts[index]! += 1
    this.sum += value
    this.count += 1
  }

  /** Bound and number of values up to it; '+Inf' last. */
  cumulative(): [bound: string, count: number][] {
    let sum = 0
    return [...this.#counts].map((count, index) => {
      sum += count
      return [index < bounds.length ? String(bounds[index]) : '+Inf', sum]
    })
  }
}
