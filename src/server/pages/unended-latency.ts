import { Histogram } from '../../metrics/index.ts'
import type { RunStore, StoredRun } from '../../store/index.ts'

const longSpan = 60

/**
 * The latency of runs that have no end in the store, all measured requests together: of those that
 * were killed, or that go on in another process. Each is read again only when it has more seconds.
 */
export class UnendedLatency {
  readonly #store: RunStore
  readonly #known = new Map<string, { readonly seconds: number; readonly latency: Histogram }>()

  constructor(store: RunStore) {
    this.#store = store
  }

  async of({ id, seconds, plan }: StoredRun): Promise<Histogram> {
    const known = this.#known.get(id)
    if (known?.seconds === seconds) return known.latency
    const latency = await this.#read(id, Math.ceil(plan.warmUpUs / 1e6))
    this.#known.set(id, { seconds, latency })
    return latency
  }

  /** Mostly from merged seconds; those around the end of the warm-up one by one. */
  async #read(id: string, from: number): Promise<Histogram> {
    const to = Math.ceil(from / longSpan) * longSpan
    const parts = await Promise.all([
      from === to ? [] : this.#store.seconds(id, { from, to }),
      this.#store.seconds(id, { from: to, span: longSpan }),
    ])
    const requests = parts
      .flat()
      .flatMap(({ series }) => series)
      .filter(({ kind }) => kind === 'request')
    const latency = new Histogram()
    for (const one of requests) latency.mergeEncoded(one.latency)
    return latency
  }
}
