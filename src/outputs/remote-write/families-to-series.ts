import {
  boundText,
  bucketCounts,
  exponentialBuckets,
  exponentialScale,
  zeroThresholdSeconds,
  type Labels,
  type MetricFamily,
} from '../../report/index.ts'
import {
  metadataTypes,
  seriesLabels,
  type MetricMetadata,
  type NativeHistogram,
  type RemoteSample,
  type TimeSeries,
} from './write-request.ts'

/** Prometheus' own kind of NaN: the series ends here. */
const staleBits = 0x7ff0000000000002n
/** So that a query at the run's end, told in whole ms, still finds what it ended with. */
const staleAfterMs = 100

export interface Moment {
  readonly atUnixMs: number
  /** When the series were last sent; run start before the first time. */
  readonly lastAtUnixMs: number
  /** Nothing comes after this: the series end. */
  readonly isLast: boolean
}

/**
 * Families as series of remote write. What counts from run start begins with a 0 where it was last
 * not there, so that a rate over the series has its first increase too.
 */
export class SeriesMaker {
  readonly #common: Labels
  readonly #seen = new Set<string>()

  constructor(common: Labels) {
    this.#common = common
  }

  /** Numbers, and histograms as classic buckets. */
  classic(families: readonly MetricFamily[], moment: Moment): TimeSeries[] {
    return families.flatMap(family => this.#classicOf(family, moment))
  }

  /** Histograms as native ones, under the family's own name. */
  native(families: readonly MetricFamily[], moment: Moment): TimeSeries[] {
    return families.flatMap(family => {
      if (family.kind !== 'histogram') return []
      return family.points.map(point => {
        const labels = seriesLabels(family.name, { ...this.#common, ...point.labels })
        const now = nativeHistogram(point.histogram, moment.atUnixMs)
        const before = this.#isNew(labels) ? [emptyNative(moment.lastAtUnixMs)] : []
        const after = moment.isLast ? [staleNative(moment.atUnixMs + staleAfterMs)] : []
        return { labels, histograms: [...before, now, ...after] }
      })
    })
  }

  #classicOf(family: MetricFamily, moment: Moment): TimeSeries[] {
    const { name } = family
    if (family.kind !== 'histogram') {
      const counts = family.kind === 'counter'
      return family.points.map(({ labels, value }) =>
        this.#series({ name, labels, value, counts }, moment),
      )
    }
    return family.points.flatMap(({ labels, histogram }) => {
      let below = 0
      const buckets = bucketCounts(histogram, family.boundsSeconds).map((count, i) => {
        const le = boundText(family.boundsSeconds[i])
        const value = (below += count)
        const bucket = { name: `${name}_bucket`, labels: { ...labels, le }, value, counts: true }
        return this.#series(bucket, moment)
      })
      const sum = { name: `${name}_sum`, labels, value: histogram.sumUs / 1e6, counts: true }
      const total = { name: `${name}_count`, labels, value: histogram.count, counts: true }
      return [...buckets, this.#series(sum, moment), this.#series(total, moment)]
    })
  }

  #series(of: SeriesValue, { atUnixMs, lastAtUnixMs, isLast }: Moment): TimeSeries {
    const labels = seriesLabels(of.name, { ...this.#common, ...of.labels })
    const samples: RemoteSample[] = [{ value: of.value, timestamp: atUnixMs }]
    if (this.#isNew(labels) && of.counts) samples.unshift({ value: 0, timestamp: lastAtUnixMs })
    if (isLast) samples.push({ value: staleBits, timestamp: atUnixMs + staleAfterMs })
    return { labels, samples }
  }

  #isNew(labels: TimeSeries['labels']): boolean {
    const key = labels.map(({ name, value }) => `${name}=${value}`).join('\n')
    if (this.#seen.has(key)) return false
    this.#seen.add(key)
    return true
  }
}

interface SeriesValue {
  readonly name: string
  readonly labels: Labels
  readonly value: number
  readonly counts: boolean
}

/** What Prometheus shows beside a metric's name. */
export function metadataOf(families: readonly MetricFamily[]): MetricMetadata[] {
  return families.map(({ kind, name, help }) => {
    return { type: metadataTypes[kind], metricFamilyName: name, help }
  })
}

type Durations = Extract<MetricFamily, { kind: 'histogram' }>['points'][number]['histogram']

function nativeHistogram(histogram: Durations, timestamp: number): NativeHistogram {
  const { zeroCount, counts } = exponentialBuckets(histogram)
  const spans: { offset: number; length: number }[] = []
  const deltas: number[] = []
  let next = 0
  let last = 0
  for (const [index, count] of counts) {
    const offset = index + 1 - next
    const span = spans.at(-1)
    if (span !== undefined && offset === 0) span.length += 1
    else spans.push({ offset, length: 1 })
    deltas.push(count - last)
    next = index + 2
    last = count
  }
  return {
    ...emptyNative(timestamp),
    countInt: histogram.count,
    sum: histogram.sumUs / 1e6,
    zeroCountInt: zeroCount,
    positiveSpans: spans,
    positiveDeltas: deltas,
  }
}

function emptyNative(timestamp: number): NativeHistogram {
  return {
    ...{ countInt: 0, sum: 0, schema: exponentialScale, zeroThreshold: zeroThresholdSeconds },
    ...{ zeroCountInt: 0, positiveSpans: [], positiveDeltas: [], timestamp },
  }
}

const staleNative = (timestamp: number) => ({ ...emptyNative(timestamp), sum: staleBits })
