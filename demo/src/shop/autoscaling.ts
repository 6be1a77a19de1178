import {
  autoscalerDefaults,
  type AutoscalerSettings,
  type FromAutoscaler,
  type ReplicaState,
  type ToAutoscaler,
} from '../scaling/contract.ts'
import type { ServiceName } from '../services.ts'
import { Child } from './child.ts'
import type { Fleet } from './fleet/fleet.ts'
import { Layers } from './fleet/layers.ts'

const stopMs = 3_000

interface ScalingLayer {
  readonly service: ServiceName
  readonly settings: Partial<AutoscalerSettings>
}

/** The autoscaler process, if there is anything to scale, and the shop's side of it. */
export class Autoscaling {
  readonly #fleet: Fleet
  readonly #onExit: (child: Child) => void
  readonly #layers = new Layers<ScalingLayer>()
  #child: Child | undefined
  #starting: Promise<void> | undefined
  #metricsUrl = ''
  #stopping = false

  constructor(options: { readonly fleet: Fleet; readonly onExit: (child: Child) => void }) {
    this.#fleet = options.fleet
    this.#onExit = options.onExit
  }

  /** Undefined while nothing is scaled. */
  get process(): { readonly pid: number; readonly metricsUrl: string } | undefined {
    if (!this.#child || this.#metricsUrl === '') return undefined
    return { pid: this.#child.pid, metricsUrl: this.#metricsUrl }
  }

  /** From now on the service is scaled; what it returns takes this change of settings back. */
  async add(
    service: ServiceName,
    settings: Partial<AutoscalerSettings>,
  ): Promise<() => Promise<void>> {
    this.#starting ??= this.#start()
    await this.#starting
    const remove = this.#layers.add({ service, settings })
    await this.#keepWithin(service)
    this.tell()
    return async () => {
      remove()
      await this.#keepWithin(service)
      this.tell()
    }
  }

  /** Tells the autoscaler what runs now; to be called whenever a replica comes, is ready, goes. */
  tell(): void {
    const names = new Set(this.#layers.all().map(layer => layer.service))
    const message: ToAutoscaler = {
      kind: 'scaled',
      services: [...names].map(service => ({
        service,
        settings: this.#settingsOf(service),
        replicas: this.#fleet
          .of(service)
          .filter(one => one.version === 'stable')
          .map((one): ReplicaState => {
            const { id, url, pid, createdAtUnixMs, readyAtUnixMs } = one
            const ready = readyAtUnixMs === undefined ? {} : { readyAtUnixMs }
            return { id, metricsUrl: `${url}/metrics`, pid, createdAtUnixMs, ...ready }
          }),
      })),
    }
    this.#child?.send(message)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#child?.stop({ by: 'signal', withinMs: stopMs })
  }

  async #start(): Promise<void> {
    const child = new Child({
      name: 'autoscaler',
      module: new URL('../scaling/main.ts', import.meta.url),
      onExit: ended => {
        if (!this.#stopping) this.#onExit(ended)
      },
    })
    this.#child = child
    this.#metricsUrl = await child.first<FromAutoscaler, string>(message =>
      message.kind === 'listening' ? message.metricsUrl : undefined,
    )
    child.onMessage<FromAutoscaler>(message => {
      if (message.kind === 'desired') this.#scale(message.service as ServiceName, message.replicas)
    })
  }

  /** A replica that does not start is told like a crash: the log says why. */
  #scale(service: ServiceName, replicas: number): void {
    const { startDelayMs } = this.#settingsOf(service)
    this.#fleet.scale(service, replicas, startDelayMs).catch((error: unknown) => {
      if (!this.#stopping) console.error(`autoscaler: ${String(error)}`)
    })
  }

  /** The first change of a service brings it to its minimum at once, the last to what it had. */
  async #keepWithin(service: ServiceName): Promise<void> {
    const isScaled = this.#layers.all().some(layer => layer.service === service)
    const { minReplicas, maxReplicas } = this.#settingsOf(service)
    const normal = this.#fleet.replicasOf(service)
    const now = this.#fleet.of(service).filter(one => one.version === 'stable').length
    const wanted = isScaled ? Math.min(maxReplicas, Math.max(minReplicas, now)) : normal
    if (wanted !== now) await this.#fleet.scale(service, wanted)
  }

  #settingsOf(service: ServiceName): AutoscalerSettings {
    return this.#layers
      .all()
      .filter(layer => layer.service === service)
      .reduce((sum, layer) => ({ ...sum, ...layer.settings }), autoscalerDefaults)
  }
}
