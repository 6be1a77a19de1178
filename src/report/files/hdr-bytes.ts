import type { Histogram } from '../../metrics/index.ts'

/** zlib's deflate with its header (RFC 1950), as node:zlib's deflateSync. */
export type Deflate = (bytes: Uint8Array) => Uint8Array

/** HdrHistogram with 3 significant digits from 1 µs to 1 hour. */
const significantDigits = 3
const halfOfSubBuckets = 1024
const subBucketBits = 11
const longestUs = 3_600_000_000
const plainCookie = 0x1c849303 | 0x10
const compressedCookie = 0x1c849304 | 0x10
const headBytes = 40

/**
 * The histogram in HdrHistogram's V2 compressed encoding.
 * Source: "Encoded Histogram format" and "V2 Log Encoding" of the HdrHistogram project.
 */
export function hdrBytes(histogram: Histogram, deflate: Deflate): Uint8Array {
  const counts = zigZagCounts(histogram)
  const plain = new Uint8Array(headBytes + counts.length)
  const view = new DataView(plain.buffer)
  view.setInt32(0, plainCookie)
  view.setInt32(4, counts.length)
  view.setInt32(8, 0)
  view.setInt32(12, significantDigits)
  view.setBigInt64(16, 1n)
  view.setBigInt64(24, BigInt(longestUs))
  view.setFloat64(32, 1)
  plain.set(counts, headBytes)

  const packed = deflate(plain)
  const bytes = new Uint8Array(8 + packed.length)
  const head = new DataView(bytes.buffer)
  head.setInt32(0, compressedCookie)
  head.setInt32(4, packed.length)
  bytes.set(packed, 8)
  return bytes
}

/** Counts in the order of HdrHistogram's buckets; a run of empty ones is one negative number. */
function zigZagCounts(histogram: Histogram): Uint8Array {
  const counts = new Map<number, number>()
  for (const { valueUs, count } of histogram.buckets()) {
    const index = indexOf(Math.min(longestUs, Math.max(1, Math.round(valueUs))))
    counts.set(index, (counts.get(index) ?? 0) + count)
  }
  const bytes: number[] = []
  let next = 0
  for (const index of [...counts.keys()].sort((a, b) => a - b)) {
    // zig-zag: -n is 2n - 1, n is 2n.
    if (index > next) writeLeb128(bytes, (index - next) * 2 - 1)
    writeLeb128(bytes, counts.get(index)! * 2)
    next = index + 1
  }
  return Uint8Array.from(bytes)
}

/** Values below 2048 have a bucket each; every doubling above has 1024 of twice the width. */
function indexOf(value: number): number {
  const octave = Math.max(0, Math.floor(Math.log2(value)) - subBucketBits + 1)
  const subBucket = Math.floor(value / 2 ** octave)
  return octave * halfOfSubBuckets + subBucket
}

function writeLeb128(bytes: number[], value: number): void {
  let rest = value
  // A ninth byte would hold eight bits; counts below 2^55 need eight bytes at most.
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
