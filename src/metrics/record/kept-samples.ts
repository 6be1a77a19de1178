import type { KeptExchange, KeptSample, Sample, Timings } from '../sample.ts'
import type { SeriesIdentity } from './outcome-counter.ts'

/** Samples kept whole in one window of one worker, both kinds together. */
const keptPerWindow = 50
const failedPerWindow = 30
const failedPerSeries = 5
/** Good samples whose addresses and headers are kept as well: the slowest. */
const slowWithExchange = 10

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Room for the slowest good sample of one series in the window; written over in place. */
interface SlowSlot {
  readonly kept: Mutable<KeptSample>
  readonly timings: Mutable<Timings>
  exchange: (() => KeptExchange) | undefined
  latencyUs: number
  failedKept: number
}

/**
 * Of every window: the slowest good sample of each series and the first few failed ones, kept
 * whole. A good sample of a known series costs one comparison unless it is the slowest yet, and
 * never an allocation.
 */
export class KeptSamples {
  readonly #worker: number
  readonly #slots: SlowSlot[] = []
  #failed: KeptSample[] = []
  #dropped = 0

  constructor(worker: number) {
    this.#worker = worker
  }

  /** Makes room for the series with the next id. */
  addSeries(identity: SeriesIdentity): void {
    this.#slots.push(emptySlot(identity, this.#worker))
  }

  consider(sample: Sample): void {
    const slot = this.#slots[sample.seriesId]!
    if (sample.failure !== undefined) return this.#considerFailed(slot, sample)
    const latencyUs = sample.endedAtUs - sample.intendedAtUs
    if (latencyUs > slot.latencyUs) {
      slot.latencyUs = latencyUs
      fill(slot, sample)
    }
  }

  /** What the window kept, failed first, then the slowest; starts again at nothing. */
  take(): { kept: KeptSample[]; keptDropped: number } {
    const slow = this.#slots
      .filter(slot => slot.latencyUs >= 0)
      .sort((a, b) => b.latencyUs - a.latencyUs)
      .slice(0, keptPerWindow - this.#failed.length)
      .map((slot, rank) => copyOf(slot, rank < slowWithExchange))
    const taken = { kept: [...this.#failed, ...slow], keptDropped: this.#dropped }
    this.#failed = []
    this.#dropped = 0
    for (const slot of this.#slots) {
      slot.latencyUs = -1
      slot.exchange = undefined
      slot.failedKept = 0
    }
    return taken
  }

  #considerFailed(slot: SlowSlot, sample: Sample): void {
    if (slot.failedKept >= failedPerSeries || this.#failed.length >= failedPerWindow) {
      this.#dropped += 1
      return
    }
    slot.failedKept += 1
    const { kind, scenario, name } = slot.kept
    const failed = emptySlot({ kind, scenario, name }, this.#worker)
    fill(failed, sample)
    this.#failed.push({ ...copyOf(failed, true), why: 'failed' })
  }
}

function emptySlot({ kind, scenario, name }: SeriesIdentity, worker: number): SlowSlot {
  const kept: Mutable<KeptSample> = {
    ...{ kind, scenario, name, worker, why: 'slow', userId: 0, iteration: 0 },
    ...{ intendedAtUs: 0.5, startedAtUs: 0.5, endedAtUs: 0.5, status: 0, failure: undefined },
    ...{ traceId: '', timings: undefined },
  }
  const timings = { dnsUs: 0.5, connectUs: 0.5, tlsUs: 0.5, firstByteUs: 0.5, downloadUs: 0.5 }
  return {
    kept,
    timings: { ...timings, connectionReused: false },
    ...{ exchange: undefined, latencyUs: -1, failedKept: 0 },
  }
}

/** Copies every field, because the caller uses its sample and timings again. */
function fill(slot: SlowSlot, sample: Sample): void {
  const { kept, timings } = slot
  kept.userId = sample.userId
  kept.iteration = sample.iteration
  kept.intendedAtUs = sample.intendedAtUs
  kept.startedAtUs = sample.startedAtUs
  kept.endedAtUs = sample.endedAtUs
  kept.status = sample.status
  kept.failure = sample.failure
  kept.traceId = sample.traceId
  slot.exchange = sample.exchange?.capture()
  const from = sample.timings
  kept.timings = from === undefined ? undefined : timings
  if (from === undefined) return
  timings.dnsUs = from.dnsUs
  timings.connectUs = from.connectUs
  timings.tlsUs = from.tlsUs
  timings.firstByteUs = from.firstByteUs
  timings.downloadUs = from.downloadUs
  timings.connectionReused = from.connectionReused
}

function copyOf({ kept, exchange }: SlowSlot, withExchange: boolean): KeptSample {
  const copy = { ...kept, timings: kept.timings && { ...kept.timings } }
  return withExchange && exchange !== undefined ? { ...copy, exchange: exchange() } : copy
}
