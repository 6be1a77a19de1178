import { parseExposition, type Sample } from '../../kit/exposition.ts'
import { encodeValues, type EncodedValues, type Value } from './encode-values.ts'

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
  /** Index into `identities`, and the values at those times. */
  readonly series: readonly (readonly [identity: number, values: EncodedValues])[]
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

/** µs where the unit is the second: a sum of durations has no more to say. */
const rounded = (value: number) =>
  Number.isFinite(value) && Math.abs(value) < 1e9 ? Math.round(value * 1e6) / 1e6 : value

/**
 * Keeps what targets answer, counters raw. A scrape that failed leaves a gap in all series of the
 * target except `up`, which is 0 then, as in Prometheus. Values are kept to six decimals.
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
    const identities = new Map<string, number>()
    const written: [string, Readonly<Record<string, string>>][] = []
    const intern = (name: string, labels: Readonly<Record<string, string>>): number => {
      const key = keyOf({ name, labels })
      const found = identities.get(key)
      if (found !== undefined) return found
      identities.set(key, written.length)
      return written.push([name, labels]) - 1
    }
    const targets = [...this.#targets.values()].map((target): TargetSeries => {
      const common = commonLabels([...target.series.values()])
      const count = target.timesUnixMs.length
      return {
        labels: { ...target.labels, ...common },
        timesMs: differences(target.timesUnixMs, options.startedAtUnixMs),
        series: [...target.series.values()].map(({ name, labels, values }) => {
          const own = Object.entries(labels).filter(([label]) => !(label in common))
          const all = Array.from({ length: count }, (_, index) => values[index])
          return [intern(name, Object.fromEntries(own)), encodeValues(all)] as const
        }),
      }
    })
    const types = Object.fromEntries(this.#types)
    const { scrapeIntervalMs } = options
    return { scrapeIntervalMs, types, identities: written, targets }
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

/** Times of a target as they were before the differences were taken, ms since the start. */
export function timesOf({ timesMs }: Pick<TargetSeries, 'timesMs'>): number[] {
  let sum = 0
  return timesMs.map(difference => (sum += difference))
}

function put({ series }: Target, index: number, { name, labels, value }: Sample): void {
  const key = keyOf({ name, labels })
  const known = series.get(key) ?? { name, labels, values: [] }
  series.set(key, known)
  known.values[index] = rounded(value)
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
