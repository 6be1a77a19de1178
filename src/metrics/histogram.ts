/**
 * Counts of durations in µs, log-linear, mergeable: any value from 1 µs to 1 hour is reported with a
 * relative error of at most 0.1 %. Values below 1 µs count as 1 µs, values above 1 hour as 1 hour
 * (min and max stay exact).
 */
export class Histogram {
  /** Number of recorded values. */
  get count(): number {
    throw new Error('not built')
  }
  /** Smallest recorded value, µs; NaN when empty. */
  get minUs(): number {
    throw new Error('not built')
  }
  /** Largest recorded value, µs; NaN when empty. */
  get maxUs(): number {
    throw new Error('not built')
  }
  /** Sum of all values divided by their count, µs; NaN when empty. */
  get meanUs(): number {
    throw new Error('not built')
  }
  record(_valueUs: number): void {
    throw new Error('not built')
  }
  merge(_other: Histogram): void {
    throw new Error('not built')
  }
  /** Value at or below which `percent` (0..100) of the values lie, µs; NaN when empty. */
  percentileUs(_percent: number): number {
    throw new Error('not built')
  }
  clear(): void {
    throw new Error('not built')
  }
  encode(): Uint8Array {
    throw new Error('not built')
  }
  static decode(_bytes: Uint8Array): Histogram {
    throw new Error('not built')
  }
}
