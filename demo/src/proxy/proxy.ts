import type { IncomingMessage } from 'node:http'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { CpuQuota } from '../kit/cpu-quota.ts'
import { Admin } from './admin.ts'
import { Cluster, type ClusterConfig, type ClusterContext } from './cluster/cluster.ts'
import { ClientIdentity, type Transport } from './cluster/transport.ts'
import type { ProxyConfig, ProxyIdentity } from './contract.ts'
import { Front } from './listener/front.ts'
import { Exposition } from './stats/exposition.ts'
import { IstioStats } from './stats/istio-stats.ts'

/** How long open requests may finish after the proxy was told to end. */
const drainMs = 3_000

export interface ProxyUrls {
  readonly inboundUrl: string
  readonly outboundUrl: string
  readonly adminUrl: string
}

/** A whole proxy: its listeners, its clusters and its numbers. `main.ts` makes a process of it. */
export class Proxy {
  readonly #identity: ProxyIdentity
  readonly #context: ClusterContext
  readonly #registry = new Registry()
  readonly #istio = new IstioStats()
  readonly #inbound: Front
  readonly #outbound: Front
  readonly #admin: Admin
  readonly #startedMs = performance.now()
  #urls: ProxyUrls | undefined
  #config: ProxyConfig | undefined
  #own: Cluster | undefined
  readonly #others = new Map<string, Cluster>()
  #quota: CpuQuota | undefined

  constructor(
    identity: ProxyIdentity,
    options: {
      /** @default performance.now */
      readonly nowMs?: () => number
      /** @default Math.random */
      readonly random?: () => number
      /** @default a line on stdout */
      readonly accessLog?: (line: string) => void
    } = {},
  ) {
    const { service, certificate } = identity
    const nowMs = options.nowMs ?? (() => performance.now())
    const random = options.random ?? Math.random
    const log = options.accessLog ?? ((line: string) => void process.stdout.write(`${line}\n`))
    const accessLog = () => (this.#config?.accessLog ? log : undefined)
    const shared = { service, istio: this.#istio, nowMs, random, accessLog }
    const isIngress = service === 'ingress'
    this.#identity = identity
    this.#context = { nowMs, random, identity: certificate && new ClientIdentity(certificate) }
    this.#inbound = new Front({
      ...shared,
      direction: isIngress ? 'ingress' : 'inbound',
      // The ingress is called by those who are not of the mesh.
      certificate: isIngress ? undefined : certificate,
      clusterOf: () => this.#own,
    })
    this.#outbound = new Front({
      ...shared,
      direction: 'outbound',
      clusterOf: incoming => this.#others.get(hostOf(incoming)),
    })
    this.#admin = new Admin({
      stats: () => this.#stats(),
      clusters: () => [...this.#clusters()].map(cluster => cluster.describe()),
      serverInfo: () => this.#serverInfo(),
      isReady: () => this.#config !== undefined,
    })
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 20 })
  }

  async listen(): Promise<ProxyUrls> {
    const [inbound, outbound, admin] = await Promise.all([
      this.#inbound.listen(this.#identity.port),
      this.#outbound.listen(0),
      this.#admin.listen(),
    ])
    const url = (port: number) => `http://127.0.0.1:${port}`
    this.#urls = { inboundUrl: url(inbound), outboundUrl: url(outbound), adminUrl: url(admin) }
    return this.#urls
  }

  /** From now on requests are treated so. Throws, with nothing changed, on what cannot be done. */
  configure(config: ProxyConfig): void {
    check(config)
    if (config.mutualTls && !this.#identity.certificate) {
      throw new Error(`the proxy of ${this.#identity.service} has no certificate for mutual TLS`)
    }
    this.#config = config
    this.#configureOwn(config)
    this.#configureOthers(config)
    this.#inbound.limitTo(config.inbound.requestsPerSecondMax)
    // The quota looks at the CPU time every 2 ms: only a proxy with a limit pays for that.
    if (config.cpuCores > 0) {
      const coresMax = () => this.#config?.cpuCores ?? 0
      this.#quota ??= new CpuQuota({ coresMax, registry: this.#registry })
    }
  }

  /** Lets open requests finish, at most 3 s, and closes everything. */
  async stop(): Promise<void> {
    this.#quota?.stop()
    await Promise.all([this.#inbound.stop(drainMs), this.#outbound.stop(drainMs)])
    for (const cluster of this.#clusters()) cluster.close()
    await this.#admin.stop()
    this.#registry.clear()
  }

  #configureOwn({ inbound, mutualTls }: ProxyConfig): void {
    const { toService, endpoints, routing, policy } = inbound
    const service = toService ?? this.#identity.service
    const name = `${toService === undefined ? 'inbound' : 'outbound'}|80||${service}`
    const transport = toService === undefined ? plain : transportTo(service, mutualTls)
    const config = { endpoints, routing, policy, transport }
    if (this.#own && this.#own.name !== name) {
      this.#own.close()
      this.#own = undefined
    }
    this.#own = this.#updated(this.#own, { name, service, config })
  }

  #configureOthers({ outbound, mutualTls }: ProxyConfig): void {
    for (const [service, cluster] of this.#others) {
      if (Object.hasOwn(outbound, service)) continue
      this.#others.delete(service)
      cluster.close()
    }
    for (const [service, { url, policy }] of Object.entries(outbound)) {
      const endpoints = [{ id: `${service}-proxy`, url, version: '' }]
      const transport = transportTo(service, mutualTls)
      const config = { endpoints, policy, transport, routing: undefined }
      const name = `outbound|80||${service}`
      const before = this.#others.get(service)
      this.#others.set(service, this.#updated(before, { name, service, config }))
    }
  }

  #updated(
    before: Cluster | undefined,
    to: { readonly name: string; readonly service: string; readonly config: ClusterConfig },
  ): Cluster {
    if (!before) return new Cluster({ ...to, context: this.#context })
    before.update(to.config)
    return before
  }

  *#clusters(): Generator<Cluster> {
    if (this.#own) yield this.#own
    yield* this.#others.values()
  }

  async #stats(): Promise<string> {
    const page = new Exposition()
    for (const cluster of this.#clusters()) cluster.write(page)
    const { inboundUrl = '', outboundUrl = '' } = this.#urls ?? {}
    const address = (url: string) => url.replace('http://', '')
    const name = this.#identity.service === 'ingress' ? 'ingress' : 'inbound'
    this.#inbound.stats.write(page, { name, address: address(inboundUrl) })
    this.#outbound.stats.write(page, { name: 'outbound', address: address(outboundUrl) })
    this.#istio.write(page)
    const uptimeSeconds = Math.floor((performance.now() - this.#startedMs) / 1_000)
    page.gauge('envoy_server_uptime', uptimeSeconds)
    page.gauge('envoy_server_live', this.#config ? 1 : 0)
    return page.toString() + (await this.#registry.metrics())
  }

  #serverInfo(): object {
    return {
      state: this.#config ? 'LIVE' : 'PRE_INITIALIZING',
      service: this.#identity.service,
      version: 'shop-proxy',
      uptime_s: Math.floor((performance.now() - this.#startedMs) / 1_000),
      mutual_tls: this.#config?.mutualTls ?? false,
    }
  }
}

const plain: Transport = { kind: 'plain' }

function transportTo(service: string, mutualTls: boolean): Transport {
  return mutualTls ? { kind: 'tls', service } : plain
}

/** The service that a call from the own application asks for: `host` without a port. */
function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
}

/** What would fail in the middle of a change must fail before it. */
function check({ inbound, outbound }: ProxyConfig): void {
  const urls = [
    ...inbound.endpoints.map(({ id, url }) => [id, url] as const),
    ...Object.entries(outbound).map(([service, { url }]) => [service, url] as const),
  ]
  for (const [name, url] of urls) {
    if (!URL.canParse(url) || !/^\d+$/.test(new URL(url).port)) {
      throw new Error(`${name} must have a url with a port, not ${JSON.stringify(url)}`)
    }
  }
}
