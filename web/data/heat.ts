import type { Histogram } from '../../src/metrics/index.ts'

/** Bins of the heatmap in one doubling of the latency. */
export const binsPerDoubling = 4

/** Lower edge of a bin, µs. Bin 0 begins at 1 µs. */
export const binStartUs = (bin: number): number => 2 ** (bin / binsPerDoubling)

const binOf = (valueUs: number): number =>
  Math.max(0, Math.floor(Math.log2(Math.max(1, valueUs)) * binsPerDoubling + 1e-9))

/** Counts per bin of one second; only bins that counted something. */
export interface Heat {
  readonly bins: Uint8Array
  readonly counts: Uint32Array
}

/** A second's latencies for the heatmap. */
export function heatOf(latency: Histogram): Heat {
  const counts = new Map<number, number>()
  for (const { valueUs, count } of latency.buckets()) {
    const bin = binOf(valueUs)
    counts.set(bin, (counts.get(bin) ?? 0) + count)
  }
  return { bins: Uint8Array.from(counts.keys()), counts: Uint32Array.from(counts.values()) }
}
