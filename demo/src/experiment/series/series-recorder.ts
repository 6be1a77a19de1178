import { parseExposition, type Sample } from '../../kit/exposition.ts'
import { Table } from '../table.ts'
import { decodeValues, encodeValues, type EncodedValues, type Value } from './encode-values.ts'
import {
  bucketSeries,
  decodeCounts,
  encodeCounts,
  groupHistograms,
  type EncodedCounts,
  type Series,
} from './histograms.ts'

/** One process that is scraped, as GET /targets tells it. */
export interface ScrapeTarget {
  readonly url: string
  readonly labels: Readonly<Record<string, string>>
}

/** What one target said over the run. */
export interface TargetSeries {
  /** Of the target, and what all its samples have in common. */
  readonly labels: Readonly<Record<string, string>>
  /** When it was asked, ms since the start of the run; each as the difference to the one before. */
  readonly timesMs: readonly number[]
  /**
   * Index into `identities`, as the difference to the entry before (the first to 0), and the
   * values at those times.
   */
  readonly series: readonly (readonly [identityStep: number, values: EncodedValues])[]
  /** Buckets of one histogram: identity without `le`, the same way, index into `bounds`, counts. */
  readonly histograms: readonly (readonly [
    identityStep: number,
    bounds: number,
    counts: EncodedCounts,
  ])[]
}

/** Everything that was scraped. */
export interface RecordedSeries {
  readonly scrapeIntervalMs: number
  /** 'counter', 'gauge', 'histogram', 'summary' by family; a family's series end in _bucket etc. */
  readonly types: Readonly<Record<string, string>>
  /** Name and labels of a series, without the labels of its target. */
  readonly identities: readonly (readonly [
    name: string,
    labels: Readonly<Record<string, string>>,
  ])[]
  /** Texts of `le` of a histogram's buckets. */
  readonly bounds: readonly (readonly string[])[]
  readonly targets: readonly TargetSeries[]
}

interface Recorded {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly values: Value[]
}

interface Target {
  readonly labels: Readonly<Record<string, string>>
  readonly timesUnixMs: number[]
  readonly series: Map<string, Recorded>
}

/**
 * Durations to 10 µs, memory to 1 kB, all else to five decimals: what is finer is noise, and most
 * of a recording. Counters of bytes stay as they are.
 */
function rounded(name: string, value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e9) return value
  if (name.endsWith('_bytes')) return Math.round(value / 1_000) * 1_000
  const perUnit = /milliseconds|_ms_|_ms$|^envoy_.*_time_sum$/.test(name) ? 1e2 : 1e5
  return Math.round(value * perUnit) / perUnit
}

/**
 * Keeps what targets answer, counters raw. A scrape that failed leaves a gap in all series of the
 * target except `up`, which is 0 then, as in Prometheus. Values are rounded.
 */
export class SeriesRecorder {
  readonly #targets = new Map<string, Target>()
  readonly #types = new Map<string, string>()

  /** `page` is the text of /metrics; undefined: it did not come. */
  add(
    target: ScrapeTarget,
    scrape: { readonly atUnixMs: number; readonly tookMs: number; readonly page?: string },
  ): void {
    const known = this.#targets.get(target.url) ?? this.#begin(target)
    const samples = this.#samplesOf(scrape.page)
    const index = known.timesUnixMs.push(scrape.atUnixMs) - 1
    const up = { name: 'up', labels: {}, value: samples === undefined ? 0 : 1 }
    const took = { name: 'scrape_duration_seconds', labels: {}, value: scrape.tookMs / 1_000 }
    for (const sample of [up, took, ...(samples ?? [])]) put(known, index, sample)
  }

  /** Everything up to now, with times from `startedAtUnixMs` on. */
  encoded(options: {
    readonly startedAtUnixMs: number
    readonly scrapeIntervalMs: number
  }): RecordedSeries {
    const identities = new Table<readonly [string, Readonly<Record<string, string>>]>()
    const bounds = new Table<readonly string[]>()
    const identityOf = ({ name, labels }: Pick<Series, 'name' | 'labels'>, common: object) => {
      const own = Object.entries(labels).filter(([label]) => !(label in common))
      const sorted = own.sort(([one], [other]) => (one < other ? -1 : 1))
      return identities.index([name, Object.fromEntries(sorted)])
    }
    const targets = [...this.#targets.values()].map((target): TargetSeries => {
      const recorded = [...target.series.values()]
      const common = commonLabels(recorded)
      const { plain, histograms } = groupHistograms(
        recorded.map(({ name, labels, values }) => {
          return { name, labels, values: target.timesUnixMs.map((_, index) => values[index]) }
        }),
      )
      return {
        labels: { ...target.labels, ...common },
        timesMs: differences(target.timesUnixMs, options.startedAtUnixMs),
        series: inSteps(
          plain.map(one => [identityOf(one, common), encodeValues(one.values)] as const),
        ),
        histograms: inSteps(
          histograms.map(one => {
            const own = identityOf(one, common)
            return [own, bounds.index(one.bounds), encodeCounts(one)] as const
          }),
        ),
      }
    })
    const types = Object.fromEntries(this.#types)
    const { scrapeIntervalMs } = options
    const tables = { identities: identities.values, bounds: bounds.values }
    return { scrapeIntervalMs, types, ...tables, targets }
  }

  #begin(target: ScrapeTarget): Target {
    const begun = { labels: target.labels, timesUnixMs: [], series: new Map<string, Recorded>() }
    this.#targets.set(target.url, begun)
    return begun
  }

  /** A page that is not in the format counts as none, as in Prometheus. */
  #samplesOf(page: string | undefined): readonly Sample[] | undefined {
    if (page === undefined) return undefined
    try {
      const { samples, types } = parseExposition(page)
      for (const [family, type] of types) this.#types.set(family, type)
      return samples
    } catch {
      return undefined
    }
  }
}

/** All series of a target as they were scraped, but for the labels that all of them have. */
export function seriesOf(recorded: RecordedSeries, target: TargetSeries): Series[] {
  const times = target.timesMs.length
  const identities = (steps: readonly (readonly [number, ...unknown[]])[]) => {
    let index = 0
    return steps.map(([step]) => {
      index += step
      const [name = '', labels = {}] = recorded.identities[index] ?? []
      return { name, labels }
    })
  }
  const ofSeries = identities(target.series)
  const plain = target.series.map(([, values], at) => {
    return { ...ofSeries[at]!, values: decodeValues(values, times) }
  })
  const ofHistograms = identities(target.histograms)
  const buckets = target.histograms.flatMap(([, boundsIndex, encoded], at) => {
    const bounds = recorded.bounds[boundsIndex] ?? []
    const counts = decodeCounts(encoded, { bounds: bounds.length, times })
    return bucketSeries({ ...ofHistograms[at]!, bounds, counts })
  })
  return [...plain, ...buckets]
}

/** Times of a target as they were before the differences were taken, ms since the start. */
export function timesOf({ timesMs }: Pick<TargetSeries, 'timesMs'>): number[] {
  let sum = 0
  return timesMs.map(difference => (sum += difference))
}

/** Sorted by their index, which becomes the difference to the one before: mostly 1. */
function inSteps<Rest extends readonly unknown[]>(
  entries: readonly (readonly [number, ...Rest])[],
): (readonly [number, ...Rest])[] {
  const sorted = [...entries].sort(([one], [other]) => one - other)
  return sorted.map(
    ([index, ...rest], at) => [index - (sorted[at - 1]?.[0] ?? 0), ...rest] as const,
  )
}

function put({ series }: Target, index: number, { name, labels, value }: Sample): void {
  const key = keyOf({ name, labels })
  const known = series.get(key) ?? { name, labels, values: [] }
  series.set(key, known)
  known.values[index] = rounded(name, value)
}

function keyOf({ name, labels }: Pick<Sample, 'name' | 'labels'>): string {
  const sorted = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([name, sorted])
}

/** Labels that every series of a target has with the same value; its own two have none. */
function commonLabels(series: readonly Recorded[]): Record<string, string> {
  const own = series.filter(({ name }) => name !== 'up' && name !== 'scrape_duration_seconds')
  const [first, ...others] = own
  const shared = Object.entries(first?.labels ?? {}).filter(([label, value]) =>
    others.every(({ labels }) => labels[label] === value),
  )
  return Object.fromEntries(shared)
}

function differences(timesUnixMs: readonly number[], startedAtUnixMs: number): number[] {
  return timesUnixMs.map((atMs, index) => {
    return Math.round(atMs) - Math.round(timesUnixMs[index - 1] ?? startedAtUnixMs)
  })
}
