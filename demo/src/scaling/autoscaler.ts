import type { readReplica, Reading } from './replica-metrics.ts'
import { ScaledService, type Rescale, type ScaledState } from './scaled-service.ts'

export interface AutoscalerOptions {
  readonly nowMs: () => number
  /** Runs `work` after `delayMs`; what it returns cancels it. */
  readonly after: (delayMs: number, work: () => void) => () => void
  readonly read: typeof readReplica
  /** Called at every sync that wants another number of replicas than there are. */
  readonly onDesired: (service: string, replicas: number) => void
}

interface Looked {
  readonly service: ScaledService
  cancel: () => void
}

/** Rescales kept for GET /events; the oldest go first. */
const eventsMax = 1_000

/** Looks at every scaled service in its own rhythm and says how many replicas it is to have. */
export class Autoscaler {
  readonly #options: AutoscalerOptions
  readonly #looked = new Map<string, Looked>()
  readonly #events: (Rescale & { readonly service: string })[] = []

  constructor(options: AutoscalerOptions) {
    this.#options = options
  }

  /** The whole state anew: services that are not in it are left alone from now on. */
  update(states: readonly ScaledState[]): void {
    const names = new Set(states.map(state => state.service))
    for (const [name, { cancel }] of this.#looked) {
      if (names.has(name)) continue
      cancel()
      this.#looked.delete(name)
    }
    for (const state of states) this.#updateOne(state)
  }

  get services(): readonly ScaledService[] {
    return [...this.#looked.values()].map(({ service }) => service)
  }

  /** Every change that was decided, oldest first. */
  get events(): readonly (Rescale & { readonly service: string })[] {
    return this.#events
  }

  stop(): void {
    this.update([])
  }

  #updateOne(state: ScaledState): void {
    const known = this.#looked.get(state.service)
    const looked = known ?? { service: new ScaledService(state), cancel: () => undefined }
    const changesRhythm = known?.service.state.settings.syncMs !== state.settings.syncMs
    looked.service.update(state)
    this.#looked.set(state.service, looked)
    if (changesRhythm) {
      looked.cancel()
      this.#schedule(looked)
    }
    void this.#readFirst(looked.service)
  }

  /** Where the first use of a new replica is measured from. */
  async #readFirst(service: ScaledService): Promise<void> {
    const readings = await this.#readAll(service, service.unread())
    const unread = new Set(service.unread().map(({ id }) => id))
    for (const [id, reading] of readings) if (unread.has(id)) service.remember(id, reading)
  }

  #schedule(looked: Looked): void {
    looked.cancel = this.#options.after(looked.service.state.settings.syncMs, () => {
      this.#schedule(looked)
      void this.#sync(looked)
    })
  }

  async #sync(looked: Looked): Promise<void> {
    const { service } = looked
    const readings = await this.#readAll(service, service.state.replicas)
    const { service: name } = service.state
    // It may have been given up while its replicas were asked.
    if (this.#looked.get(name) !== looked) return
    const rescale = service.sync(readings, this.#options.nowMs())
    if (rescale) {
      this.#events.push({ ...rescale, service: name })
      if (this.#events.length > eventsMax) this.#events.shift()
    }
    const { desiredReplicas } = service.verdict
    if (desiredReplicas !== service.state.replicas.length) {
      this.#options.onDesired(name, desiredReplicas)
    }
  }

  async #readAll(
    service: ScaledService,
    replicas: ScaledState['replicas'],
  ): Promise<Map<string, Reading | undefined>> {
    const { nowMs, read } = this.#options
    const withinMs = service.state.settings.syncMs / 2
    const asked = replicas.filter(replica => replica.readyAtUnixMs !== undefined)
    const entries = asked.map(async replica => {
      return [replica.id, await read(replica, { withinMs, nowMs })] as const
    })
    return new Map(await Promise.all(entries))
  }
}
