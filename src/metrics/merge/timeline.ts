import { Histogram } from '../histogram.ts'
import type { TimelineName, TimelinePoint } from '../run-summary.ts'
import type { SeriesWindow, WindowData } from '../window.ts'

/** What V8 takes for one entry beside its histogram, measured. */
const bytesPerName = 250
const nothing = new Histogram().encode()

class NameEntry implements TimelineName {
  readonly scenario: string
  readonly name: string
  requests = 0
  failures = 0
  encoded: Uint8Array = nothing

  constructor(series: SeriesWindow) {
    this.scenario = series.scenario
    this.name = series.name
  }

  get latency(): Histogram {
    return Histogram.decode(this.encoded)
  }

  add(series: SeriesWindow): void {
    if (this.requests === 0) {
      this.encoded = series.latency
    } else {
      const merged = this.latency
      merged.mergeEncoded(series.latency)
      this.encoded = merged.encode()
    }
    this.requests += series.count
    if (series.outcome === 'failed') this.failures += series.count
  }
}

/** One second, kept as encoded histograms; they are decoded when someone looks. */
class PointEntry implements TimelinePoint {
  readonly index: number
  readonly #names = new Map<string, NameEntry>()
  /** Latency of the series that were forgotten or merged together to save memory. */
  #rest: Uint8Array = nothing
  users = 0
  requests = 0
  failures = 0
  drops = 0
  bytesIn = 0
  bytesOut = 0

  constructor(index: number) {
    this.index = index
  }

  get perName(): readonly TimelineName[] {
    return [...this.#names.values()]
  }

  get latency(): Histogram {
    const merged = Histogram.decode(this.#rest)
    for (const name of this.#names.values()) merged.mergeEncoded(name.encoded)
    return merged
  }

  get memoryBytes(): number {
    let bytes = this.#rest.length
    for (const { encoded } of this.#names.values()) bytes += encoded.length + bytesPerName
    return bytes
  }

  add(window: WindowData): void {
    for (const series of window.series) {
      if (series.kind === 'request') this.#addSeries(series)
    }
    for (const { users, drops } of window.scenarios) {
      this.users += users
      for (const count of Object.values(drops)) this.drops += count
    }
  }

  mergeNames(): void {
    this.#rest = this.latency.encode()
    this.#names.clear()
  }

  forgetLatency(): void {
    this.#rest = nothing
  }

  #addSeries(series: SeriesWindow): void {
    this.requests += series.count
    if (series.outcome === 'failed') this.failures += series.count
    this.bytesIn += series.bytesIn
    this.bytesOut += series.bytesOut
    const key = `${series.scenario}\n${series.name}`
    let entry = this.#names.get(key)
    if (entry === undefined) this.#names.set(key, (entry = new NameEntry(series)))
    entry.add(series)
  }
}

export interface TimelineOptions {
  /** Bytes of memory for the names of all seconds. @default 128 MiB */
  readonly maxBytes?: number
}

/**
 * The seconds of a run, without holes. A name costs 250 bytes a second plus one or two for each
 * different latency in it (0.1 % apart); measured with latencies spread over a factor of ten: 30 at
 * 10 requests a second, 120 at 100, 950 at 1,000, 3,000 at 10,000. Ten names at 1,000 requests a
 * second each fill the default budget in three hours, at 10 a second in thirteen.
 *
 * Beyond the budget the oldest seconds give up detail: first the latency per name, then, when no
 * second has it any more, the latency as a whole. Counts stay for every second of the run.
 */
export class Timeline {
  readonly #maxBytes: number
  readonly #points: PointEntry[] = []
  #bytes = 0
  #namesMergedUpTo = 0
  #latencyForgottenUpTo = 0

  constructor(options: TimelineOptions = {}) {
    this.#maxBytes = options.maxBytes ?? 128 * 1024 * 1024
  }

  get points(): readonly TimelinePoint[] {
    return this.#points
  }

  /** Adds windows to second `index`; makes the seconds before it if need be. */
  add(index: number, windows: readonly WindowData[]): TimelinePoint {
    while (this.#points.length <= index) this.#points.push(new PointEntry(this.#points.length))
    const point = this.#points[index]!
    this.#change(point, () => {
      for (const window of windows) point.add(window)
    })
    this.#saveMemory()
    return point
  }

  /** What was given up to save memory, in words; empty when nothing was. */
  warnings(): string[] {
    const lost = [
      [this.#namesMergedUpTo, 'no latency per name'],
      [this.#latencyForgottenUpTo, 'no latency'],
    ] as const
    return lost
      .filter(([seconds]) => seconds > 0)
      .map(
        ([seconds, what]) =>
          `The run was long: its timeline has ${what} for the first ${seconds} seconds. ` +
          `Counts and the figures of the whole run are complete.`,
      )
  }

  #saveMemory(): void {
    while (this.#bytes > this.#maxBytes) {
      // The newest second stays whole: it is about to be shown.
      const oldest = this.#points[this.#namesMergedUpTo]
      if (oldest !== undefined && this.#namesMergedUpTo < this.#points.length - 1) {
        this.#change(oldest, () => oldest.mergeNames())
        this.#namesMergedUpTo += 1
        continue
      }
      const point = this.#points[this.#latencyForgottenUpTo]
      if (point === undefined || this.#latencyForgottenUpTo >= this.#namesMergedUpTo) return
      this.#change(point, () => point.forgetLatency())
      this.#latencyForgottenUpTo += 1
    }
  }

  #change(point: PointEntry, change: () => void): void {
    this.#bytes -= point.memoryBytes
    change()
    this.#bytes += point.memoryBytes
  }
}
