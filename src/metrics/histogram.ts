import { assert } from '../base/index.ts'
import { PackedHistogram, rankOf, type HistogramBucket } from './packed-histogram.ts'
import { VarintReader, VarintWriter } from './seconds/varint.ts'

/**
 * The buckets follow the layout of a float64: its exponent names the octave, its top 9 mantissa
 * bits one of 512 values in it. A value is rounded to the nearest of these, so it is at most
 * 1/1024 (0.098 %) off, and whole µs below 1024 stay exact.
 */
const bucketsPerOctave = 512
const octaves = 32
const bitsBelowBucket = 11
const half = 1 << (bitsBelowBucket - 1)
const firstBucket = 1023 * bucketsPerOctave

const longestUs = 3_600_000_000
/** Beyond this (12 days) a duration is cut, so that sums stay exact. */
const cutUs = 2 ** 40
/** Values are kept in steps of 1/64 µs: their sum is a whole number, the same in any order. */
const stepsPerUs = 64
const usPerStep = 1 / stepsPerUs

const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)
const highWord = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0
const lowWord = 1 - highWord

const writer = new VarintWriter()
const encodingVersion = 1

/** What an encoded histogram begins with. */
export interface HistogramHead {
  readonly count: number
  /** Exact, µs; 0 when there are none. */
  readonly sumUs: number
}

/**
 * Counts of durations in µs, log-linear, mergeable: any value from 1 µs to 1 hour is reported with
 * a relative error of at most 0.1 %. Values below 1 µs count as 1 µs, values above 1 hour as 1 hour
 * (min, max and mean stay exact). Negative values count as 0; NaN and infinity are a bug.
 *
 * Counts live in pages of one octave, made when first needed: an idle histogram costs 100 bytes,
 * one whose values span a factor of 16 about 16 kB.
 */
export class Histogram {
  readonly #pages: (Float64Array | undefined)[] = []
  #count = 0
  #sumUs = 0
  #minUs = Infinity
  #maxUs = -Infinity

  /** A new histogram of all these values, µs. */
  static of(valuesUs: Iterable<number>): Histogram {
    const histogram = new Histogram()
    for (const valueUs of valuesUs) histogram.record(valueUs)
    return histogram
  }

  /** A new histogram with the counts of all given ones; empty for an empty list. */
  static merged(histograms: Iterable<Histogram>): Histogram {
    const merged = new Histogram()
    for (const histogram of histograms) merged.merge(histogram)
    return merged
  }

  /** Number of recorded values. */
  get count(): number {
    return this.#count
  }

  /** Smallest recorded value, µs; NaN when empty. */
  get minUs(): number {
    return this.#count === 0 ? NaN : this.#minUs
  }

  /** Largest recorded value, µs; NaN when empty. */
  get maxUs(): number {
    return this.#count === 0 ? NaN : this.#maxUs
  }

  /** Sum of all values, µs; 0 when empty. Exact up to 4 years. */
  get sumUs(): number {
    return this.#sumUs
  }

  /** Sum of all values divided by their count, µs; NaN when empty. */
  get meanUs(): number {
    return this.#count === 0 ? NaN : this.#sumUs / this.#count
  }

  /** Counts one value, µs. */
  record(valueUs: number): void {
    const exactUs = Math.floor(inRange(valueUs) * stepsPerUs + 0.5) * usPerStep
    this.#count += 1
    this.#sumUs += exactUs
    if (exactUs < this.#minUs) this.#minUs = exactUs
    if (exactUs > this.#maxUs) this.#maxUs = exactUs
    const bucket = bucketOf(exactUs)
    const page = this.#pages[bucket >>> 9] ?? this.#newPage(bucket >>> 9)
    page[bucket & 511]! += 1
  }

  /** Adds the counts of `other`, which stays as it is. */
  merge(other: Histogram): void {
    for (let octave = 0; octave < other.#pages.length; octave++) {
      const from = other.#pages[octave]
      if (from === undefined) continue
      const to = this.#pages[octave] ?? this.#newPage(octave)
      for (let i = 0; i < bucketsPerOctave; i++) to[i]! += from[i]!
    }
    this.#count += other.#count
    this.#sumUs += other.#sumUs
    this.#minUs = Math.min(this.#minUs, other.#minUs)
    this.#maxUs = Math.max(this.#maxUs, other.#maxUs)
  }

  /**
   * Value at or below which `percent` (0..100) of the values lie, µs; NaN when empty. Nearest rank:
   * the ceil(percent/100 * count)-th smallest value, without interpolation. 0 gives the minimum,
   * 100 the maximum; both are exact, as is every percentile whose rank is the first or the last.
   */
  percentileUs(percent: number): number {
    assert(percent >= 0 && percent <= 100, `percentile ${percent} is not within 0..100`)
    if (this.#count === 0) return NaN
    const rank = rankOf(percent, this.#count)
    if (rank >= this.#count) return this.#maxUs
    if (rank <= 1) return this.#minUs
    let seen = 0
    for (let octave = 0; octave < this.#pages.length; octave++) {
      const page = this.#pages[octave]
      if (page === undefined) continue
      for (let i = 0; i < bucketsPerOctave; i++) {
        seen += page[i]!
        if (seen >= rank) return this.#within(valueOf(octave * bucketsPerOctave + i))
      }
    }
    return this.#maxUs
  }

  /** Every bucket that counted something, smallest value first. */
  *buckets(): Generator<HistogramBucket> {
    for (let octave = 0; octave < this.#pages.length; octave++) {
      const page = this.#pages[octave]
      if (page === undefined) continue
      for (let i = 0; i < bucketsPerOctave; i++) {
        const count = page[i]!
        if (count > 0) yield { valueUs: valueOf(octave * bucketsPerOctave + i), count }
      }
    }
  }

  /**
   * What was counted so far, in as little memory as the buckets in use take: for many of which a
   * few percentiles are asked.
   */
  packed(): PackedHistogram {
    let inUse = 0
    for (const page of this.#pages) if (page !== undefined) inUse += inUseOf(page)
    const valuesUs = new Float64Array(inUse)
    const cumulated = new Float64Array(inUse)
    let next = 0
    let seen = 0
    for (let octave = 0; octave < this.#pages.length; octave++) {
      const page = this.#pages[octave]
      if (page === undefined) continue
      for (let i = 0; i < bucketsPerOctave; i++) {
        if (page[i]! === 0) continue
        seen += page[i]!
        valuesUs[next] = valueOf(octave * bucketsPerOctave + i)
        cumulated[next++] = seen
      }
    }
    return new PackedHistogram({ valuesUs, cumulated, minUs: this.#minUs, maxUs: this.#maxUs })
  }

  /** Forgets everything; keeps its memory for the next values. */
  clear(): void {
    if (this.#count === 0) return
    for (const page of this.#pages) page?.fill(0)
    this.#count = 0
    this.#sumUs = 0
    this.#minUs = Infinity
    this.#maxUs = -Infinity
  }

  /**
   * Compact bytes: 2 for an empty histogram, else about 15 plus 1 to 3 for every bucket in use.
   *
   *   version · count · min · max · sum · (gap to the bucket * 2 + (count > 1)) [count - 2] ...
   */
  encode(): Uint8Array {
    writer.write(encodingVersion)
    writer.write(this.#count)
    if (this.#count === 0) return writer.take()
    writer.write(this.#minUs * stepsPerUs)
    writer.write(this.#maxUs * stepsPerUs)
    writer.write(this.#sumUs * stepsPerUs)
    let next = 0
    for (let octave = 0; octave < this.#pages.length; octave++) {
      const page = this.#pages[octave]
      if (page === undefined) continue
      for (let i = 0; i < bucketsPerOctave; i++) {
        const count = page[i]!
        if (count === 0) continue
        const bucket = octave * bucketsPerOctave + i
        writer.write((bucket - next) * 2 + (count > 1 ? 1 : 0))
        if (count > 1) writer.write(count - 2)
        next = bucket + 1
      }
    }
    return writer.take()
  }

  /** The histogram that `encode` wrote. Garbled bytes are a bug and throw. */
  static decode(bytes: Uint8Array): Histogram {
    const histogram = new Histogram()
    histogram.mergeEncoded(bytes)
    return histogram
  }

  /** How many values an encoded histogram has and their sum, µs, without reading its buckets. */
  static headOf(bytes: Uint8Array): HistogramHead {
    const { count, sumUs } = readHead(new VarintReader(bytes))
    return { count, sumUs }
  }

  /** Adds the counts of an encoded histogram without making one. */
  mergeEncoded(bytes: Uint8Array): void {
    const reader = new VarintReader(bytes)
    const { count, minUs, maxUs, sumUs } = readHead(reader)
    if (count === 0) return
    const read = this.#addBuckets(reader)
    assert(read === count, `an encoded histogram says ${count} values and holds ${read}`)
    this.#count += count
    this.#sumUs += sumUs
    this.#minUs = Math.min(this.#minUs, minUs)
    this.#maxUs = Math.max(this.#maxUs, maxUs)
  }

  #addBuckets(reader: VarintReader): number {
    let next = 0
    let total = 0
    while (!reader.atEnd) {
      const head = reader.read()
      const bucket = next + Math.floor(head / 2)
      assert(bucket < octaves * bucketsPerOctave, 'an encoded histogram names a bucket too far')
      const count = head % 2 === 0 ? 1 : reader.read() + 2
      const page = this.#pages[bucket >>> 9] ?? this.#newPage(bucket >>> 9)
      page[bucket & 511]! += count
      total += count
      next = bucket + 1
    }
    return total
  }

  #newPage(octave: number): Float64Array {
    // No holes in the list of pages: V8 keeps a dense array fast.
    while (this.#pages.length <= octave) this.#pages.push(undefined)
    const page = new Float64Array(bucketsPerOctave)
    this.#pages[octave] = page
    return page
  }

  #within(valueUs: number): number {
    return Math.min(Math.max(valueUs, this.#minUs), this.#maxUs)
  }
}

function readHead(reader: VarintReader) {
  assert(reader.read() === encodingVersion, 'an encoded histogram is of an unknown version')
  const count = reader.read()
  if (count === 0) return { count, minUs: NaN, maxUs: NaN, sumUs: 0 }
  const minUs = reader.read() / stepsPerUs
  const maxUs = reader.read() / stepsPerUs
  const sumUs = reader.read() / stepsPerUs
  return { count, minUs, maxUs, sumUs }
}

function inRange(valueUs: number): number {
  if (valueUs >= 0 && valueUs <= cutUs) return valueUs
  assert(Number.isFinite(valueUs), `a duration of ${valueUs} µs was recorded`)
  return valueUs < 0 ? 0 : cutUs
}

function bucketOf(valueUs: number): number {
  float[0] = valueUs < 1 ? 1 : valueUs > longestUs ? longestUs : valueUs
  return ((words[highWord]! + half) >>> bitsBelowBucket) - firstBucket
}

function valueOf(bucket: number): number {
  words[highWord] = (bucket + firstBucket) << bitsBelowBucket
  words[lowWord] = 0
  return float[0]!
}

function inUseOf(page: Float64Array): number {
  let inUse = 0
  for (let i = 0; i < bucketsPerOctave; i++) if (page[i]! > 0) inUse += 1
  return inUse
}
