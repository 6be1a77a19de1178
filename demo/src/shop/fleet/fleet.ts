import type { DatabaseAddress } from '../../kit/data/database.ts'
import type { ShopSecrets } from '../../kit/service.ts'
import type { PeerAddresses, TelemetryOptions } from '../../protocol.ts'
import type { ProxyCertificate, Routing } from '../../proxy/contract.ts'
import { serviceNames, singleServices, type ServiceName } from '../../services.ts'
import type { Child } from '../child.ts'
import { Instance } from './instance.ts'
import { Layers, type ProxyLayer, type ServiceLayer } from './layers.ts'
import { ProxyProcess } from './proxy-process.ts'
import { instanceTold, peersOf, proxyConfig, type Plan } from './wiring.ts'

export interface FleetOptions {
  readonly gatewayPort: number
  readonly mesh: boolean
  readonly mutualTls: boolean
  readonly canaryPercent: number
  readonly networkDelayMs: number
  readonly replicas: Readonly<Partial<Record<ServiceName, number>>>
  readonly telemetry: TelemetryOptions
  readonly onCrash: (child: Child) => void
  /** Called whenever a replica came, became ready, or went. */
  readonly onChange: () => void
}

/** Keys and addresses that exist only once the database runs. */
export interface FleetSecrets {
  readonly database: DatabaseAddress
  readonly of: (service: ServiceName) => ShopSecrets
}

/** Outside the shop: no sidecar stands beside it. */
const external: readonly ServiceName[] = ['bank']

/** All service and proxy processes, and what each is told. */
export class Fleet {
  readonly serviceLayers = new Layers<ServiceLayer>()
  readonly proxyLayers = new Layers<ProxyLayer>()
  readonly routingLayers = new Layers<{ service: ServiceName; routing: Routing }>()
  readonly replicaLayers = new Layers<{
    readonly service: ServiceName
    readonly replicas: number
  }>()
  readonly tlsLayers = new Layers<boolean>()
  readonly #options: FleetOptions
  readonly #instances: Instance[] = []
  readonly #proxies = new Map<ServiceName | 'ingress', ProxyProcess>()
  readonly #numbers = new Map<ServiceName, number>()
  #secrets: FleetSecrets | undefined
  #syncing: Promise<void> = Promise.resolve()
  #stopping = false

  constructor(options: FleetOptions) {
    this.#options = options
  }

  get instances(): readonly Instance[] {
    return this.#instances
  }

  get proxies(): readonly ProxyProcess[] {
    return [...this.#proxies.values()]
  }

  /** Where clients go. */
  get url(): string {
    const front = this.#proxies.get('ingress') ?? this.#proxies.get('gateway')
    return front?.inboundUrl ?? this.of('gateway')[0]?.url ?? ''
  }

  /** How many processes of its stable version a service has when nothing scales it. */
  replicasOf(service: ServiceName): number {
    const changed = this.replicaLayers.all().findLast(layer => layer.service === service)
    return changed?.replicas ?? this.#options.replicas[service] ?? 1
  }

  /** The processes of a service that are to stay, oldest first. */
  of(service: ServiceName): Instance[] {
    return this.#instances.filter(one => one.service === service && !one.leaving)
  }

  /** How a service without a sidecar reaches the others now. */
  get peers(): PeerAddresses {
    return peersOf({ ...this.#plan(), mesh: false }, 'gateway')
  }

  mustHaveProxy(name: ServiceName | 'ingress'): void {
    if (this.#proxies.has(name)) return
    throw new Error(`no proxy stands before ${name}: start with --mesh or --replicas ${name}=2`)
  }

  /** Forks everything at once; resolves when all of it listens. */
  async listen(): Promise<void> {
    const { mesh, replicas } = this.#options
    const many = (service: ServiceName) =>
      (replicas[service] ?? 1) > 1 || service === 'recommendation'
    const names = serviceNames.filter(name => (mesh && !external.includes(name)) || many(name))
    if (mesh) await this.#addSidecars(['ingress', ...names])
    else for (const name of names) this.#addProxy(name)
    for (const service of serviceNames) {
      for (let n = 0; n < (replicas[service] ?? 1); n += 1) this.#add(service, 'stable')
    }
    this.#add('recommendation', 'canary-v2')
    await Promise.all([...this.#instances, ...this.proxies].map(one => one.listen()))
  }

  /** Resolves when every process answers requests. */
  async open(secrets: FleetSecrets): Promise<void> {
    this.#secrets = secrets
    await Promise.all(this.#instances.map(instance => this.#configure(instance)))
    await this.sync()
  }

  /** Tells every process what changed; resolves when all have it, rejects when one refuses. */
  sync(): Promise<void> {
    const next = this.#syncing.then(() => this.#syncNow())
    this.#syncing = next.catch(() => undefined)
    return next
  }

  /**
   * Brings a service to so many processes of its stable version. New ones start after
   * `startDelayMs`; resolves when they answer, or when the superfluous ones have ended. A fleet
   * that stops starts nothing more.
   */
  async scale(service: ServiceName, wanted: number, startDelayMs = 0): Promise<void> {
    if (singleServices.includes(service)) throw new Error(`${service} has one process only`)
    if (this.#stopping) return
    const now = this.of(service).filter(one => one.version === 'stable')
    if (wanted > 1) await this.ensureProxy(service)
    const added = Array.from({ length: Math.max(0, wanted - now.length) }, () =>
      this.#add(service, 'stable'),
    )
    const superfluous = now.slice(wanted).reverse()
    for (const instance of superfluous) instance.leaving = true
    this.#options.onChange()
    await Promise.all([
      ...added.map(instance => this.#bringUp(instance, startDelayMs)),
      this.#takeDown(superfluous),
    ])
  }

  /** Puts a proxy before the service unless there is one; resolves when all callers use it. */
  async ensureProxy(service: ServiceName): Promise<void> {
    if (this.#proxies.has(service)) return
    if (service === 'gateway') {
      throw new Error('to scale the gateway start the shop with --mesh or --replicas gateway=2')
    }
    await this.#addProxy(service).listen()
    await this.sync()
  }

  /** The front first, so that open requests find everything they need. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#proxies.get('ingress')?.stop()
    await Promise.all(this.#instances.filter(one => one.service === 'gateway').map(stopped))
    await Promise.all([...this.#instances, ...this.proxies].map(stopped))
  }

  #add(service: ServiceName, version: string): Instance {
    const number = (this.#numbers.get(service) ?? 0) + 1
    this.#numbers.set(service, number)
    const isFront = service === 'gateway' && !this.#proxies.has('gateway')
    const port = isFront && number === 1 ? this.#options.gatewayPort : 0
    const instance = new Instance({
      ...{ service, version, port, id: `${service}-${number}` },
      onExit: child => {
        if (!this.#stopping && !instance.leaving) this.#options.onCrash(child)
      },
    })
    this.#instances.push(instance)
    return instance
  }

  /** Each gets a certificate of an authority that exists for this shop alone. */
  async #addSidecars(names: readonly (ServiceName | 'ingress')[]): Promise<void> {
    const { makeAuthority } = await import('../../proxy/authority.ts')
    const authority = await makeAuthority()
    const certificates = await Promise.all(names.map(name => authority.issue(name)))
    for (const [index, name] of names.entries()) this.#addProxy(name, certificates[index])
  }

  #addProxy(name: ServiceName | 'ingress', certificate?: ProxyCertificate): ProxyProcess {
    const { mesh, gatewayPort } = this.#options
    const isFront = mesh ? name === 'ingress' : name === 'gateway'
    const proxy = new ProxyProcess({
      name,
      identity: {
        ...{ kind: 'identity', service: name, port: isFront ? gatewayPort : 0 },
        ...(certificate && { certificate }),
      },
      onExit: child => {
        if (!this.#stopping) this.#options.onCrash(child)
      },
    })
    this.#proxies.set(name, proxy)
    return proxy
  }

  async #bringUp(instance: Instance, startDelayMs: number): Promise<void> {
    try {
      await instance.listen(startDelayMs)
      await this.#configure(instance)
    } catch (error) {
      // It may have been given up while it started: then its end is no failure.
      if (!instance.leaving) throw error
    }
    await this.sync()
    this.#options.onChange()
  }

  async #takeDown(instances: readonly Instance[]): Promise<void> {
    if (instances.length === 0) return
    await this.sync()
    await Promise.all(instances.map(stopped))
    for (const instance of instances) this.#instances.splice(this.#instances.indexOf(instance), 1)
    this.#options.onChange()
  }

  async #configure(instance: Instance): Promise<void> {
    const secrets = this.#secrets
    if (!secrets) throw new Error('the fleet has no database yet')
    await instance.configure({
      told: instanceTold(this.#plan(), instance),
      database: secrets.database,
      secrets: secrets.of(instance.service),
      telemetry: this.#options.telemetry,
    })
  }

  async #syncNow(): Promise<void> {
    if (this.#stopping) return
    const plan = this.#plan()
    await Promise.all([
      ...this.#instances.filter(one => one.isReady).map(one => one.tell(instanceTold(plan, one))),
      ...this.proxies.map(proxy => proxy.tell(proxyConfig(plan, proxy.name))),
    ])
  }

  #plan(): Plan {
    const { mesh, mutualTls, canaryPercent, networkDelayMs } = this.#options
    return {
      ...{ mesh, canaryPercent, networkDelayMs, external },
      ...{ instances: this.#instances, proxies: this.#proxies },
      mutualTls: mesh && (this.tlsLayers.all().at(-1) ?? mutualTls),
      serviceLayers: this.serviceLayers.all(),
      proxyLayers: this.proxyLayers.all(),
      routingLayers: this.routingLayers.all(),
    }
  }
}

const stopped = (one: { stop(): Promise<void> }) => one.stop()
