import type { IncomingHttpHeaders } from 'node:http'
import type { ClusterPolicy, Endpoint, Routing } from '../contract.ts'
import { ClusterStats } from '../stats/cluster-stats.ts'
import type { Exposition } from '../stats/exposition.ts'
import { Breakers } from './breakers.ts'
import { pickHost, type Host } from './host.ts'
import { OutlierState } from './outlier.ts'
import { Pool } from './pool.ts'
import { HashRing } from './ring.ts'
import { chooseVersion } from './routing.ts'
import { connectPlain, type ClientIdentity, type Connecting, type Transport } from './transport.ts'

/** What is the same for all clusters of a proxy; tests give a clock and dice of their own. */
export interface ClusterContext {
  readonly nowMs: () => number
  /** In [0, 1). */
  readonly random: () => number
  readonly identity: ClientIdentity | undefined
}

/** What a cluster is to be from now on. */
export interface ClusterConfig {
  readonly endpoints: readonly Endpoint[]
  readonly routing: Routing | undefined
  readonly policy: ClusterPolicy
  readonly transport: Transport
}

/** What an endpoint is chosen by. */
interface Balanced {
  readonly headers: IncomingHttpHeaders
  /** The caller's connection. */
  readonly connection: object
}

/** Envoy's host_selection_retry_max_attempts, as Istio sets it. */
const choicesMax = 5

/**
 * The endpoints of one service and how they are called. It lives on when its config changes:
 * endpoints that stay keep their connections and their history, others drain.
 */
export class Cluster {
  /** 'outbound|80||catalog'. */
  readonly name: string
  /** 'catalog'. */
  readonly service: string
  readonly stats = new ClusterStats()
  readonly breakers = new Breakers(() => this.policy)
  readonly #context: ClusterContext
  readonly #hosts = new Map<string, Host>()
  readonly #draining = new Set<Pool>()
  #config: ClusterConfig
  #all: readonly Host[] = []
  #versions: ReadonlyMap<string, readonly Host[]> = new Map()
  #ring: HashRing | undefined
  readonly #ofConnections = new WeakMap<object, Host>()
  #turn = 0

  constructor(options: {
    readonly name: string
    readonly service: string
    readonly config: ClusterConfig
    readonly context: ClusterContext
  }) {
    this.name = options.name
    this.service = options.service
    this.#context = options.context
    this.#config = options.config
    this.update(options.config)
  }

  get policy(): ClusterPolicy {
    return this.#config.policy
  }

  /** The endpoints, policy and routing from now on. Requests that are open stay where they are. */
  update(config: ClusterConfig): void {
    this.#config = config
    const kept = new Set<string>()
    for (const endpoint of config.endpoints) {
      const key = keyOf(endpoint, config.transport)
      kept.add(key)
      if (this.#hosts.has(key)) continue
      this.#hosts.set(key, this.#newHost(endpoint, config.transport))
      this.stats.counts.membership_change += 1
    }
    for (const [key, host] of this.#hosts) {
      if (kept.has(key)) continue
      this.#hosts.delete(key)
      this.stats.counts.membership_change += 1
      this.#draining.add(host.pool)
      host.pool.drain()
    }
    this.#all = [...this.#hosts.values()]
    this.#versions = Map.groupBy(this.#all, host => host.endpoint.version)
    this.#ring = undefined
  }

  /** No endpoints any more; what is open finishes. */
  close(): void {
    this.update({ ...this.#config, endpoints: [] })
  }

  /**
   * The endpoint for a try: one of the version that the routing says, not ejected, preferably none
   * that was tried before. Undefined when there is none ('no healthy upstream').
   */
  choose(request: Balanced, tried: readonly Host[]): Host | undefined {
    const hosts = this.#usable(this.#ofVersion(request.headers))
    let host: Host | undefined
    for (let choices = 0; choices < choicesMax; choices += 1) {
      host = this.#pick(hosts, { ...request, tried })
      if (!host || !tried.includes(host)) break
    }
    if (!host) this.stats.counts.upstream_cx_none_healthy += 1
    return host
  }

  /**
   * Tells how a try ended: the status of its answer, 503 when there was none, 504 for a timeout.
   */
  report(host: Host, status: number): void {
    const { counts } = this.stats
    const { outlier } = this.policy
    const nowMs = this.#context.nowMs()
    if (!host.outlier.count(status, outlier) || host.outlier.isEjected(nowMs)) return
    counts.outlier_detection_ejections_detected_consecutive_5xx += 1
    const ejected = this.#all.filter(other => other.outlier.isEjected(nowMs)).length
    if (ejected > 0 && (ejected + 1) / this.#all.length > outlier.ejectedRatioMax) {
      counts.outlier_detection_ejections_overflow += 1
      return
    }
    host.outlier.eject(nowMs, outlier)
    counts.outlier_detection_ejections_enforced_total += 1
    counts.outlier_detection_ejections_enforced_consecutive_5xx += 1
  }

  write(page: Exposition): void {
    const labels = { envoy_cluster_name: this.name }
    this.stats.write(page, labels)
    this.breakers.write(page, labels)
    const healthy = this.#healthy(this.#all).length
    page.gauge('envoy_cluster_membership_total', this.#all.length, labels)
    page.gauge('envoy_cluster_membership_healthy', healthy, labels)
    const ejected = this.#all.length - healthy
    page.gauge('envoy_cluster_outlier_detection_ejections_active', ejected, labels)
    let { bytesRead, bytesWritten } = this.stats
    for (const pool of [...this.#all.map(host => host.pool), ...this.#draining]) {
      bytesRead += pool.bytes.read
      bytesWritten += pool.bytes.written
    }
    page.counter('envoy_cluster_upstream_cx_rx_bytes_total', bytesRead, labels)
    page.counter('envoy_cluster_upstream_cx_tx_bytes_total', bytesWritten, labels)
  }

  /** For the admin page. */
  describe(): object {
    const nowMs = this.#context.nowMs()
    return {
      name: this.name,
      endpoints: this.#all.map(({ endpoint, outlier, openTries }) => {
        return { ...endpoint, ejected: outlier.isEjected(nowMs), openTries }
      }),
    }
  }

  #ofVersion(headers: IncomingHttpHeaders): readonly Host[] {
    const { routing } = this.#config
    if (!routing) return this.#all
    const versions = this.#versions
    const random = this.#context.random()
    const version = chooseVersion(routing, { headers, versions, random })
    if (version === undefined) {
      this.stats.counts.lb_subsets_fallback += 1
      return this.#all
    }
    this.stats.counts.lb_subsets_selected += 1
    return versions.get(version)!
  }

  /** Envoy's panic threshold: with too few healthy endpoints all are used. */
  #usable(hosts: readonly Host[]): readonly Host[] {
    const healthy = this.#healthy(hosts)
    if (healthy.length === hosts.length) return hosts
    if (healthy.length / hosts.length >= this.policy.outlier.panicRatio) return healthy
    this.stats.counts.lb_healthy_panic += 1
    return hosts
  }

  #healthy(hosts: readonly Host[]): readonly Host[] {
    const nowMs = this.#context.nowMs()
    const isEjected = (host: Host) => host.outlier.isEjected(nowMs)
    return hosts.some(isEjected) ? hosts.filter(host => !isEjected(host)) : hosts
  }

  #pick(
    hosts: readonly Host[],
    request: Balanced & { readonly tried: readonly Host[] },
  ): Host | undefined {
    const { balancing, hashHeader } = this.policy
    const { random } = this.#context
    this.#turn += 1
    if (balancing === 'per-connection') return this.#ofConnection(hosts, request)
    if (balancing !== 'ring-hash') return pickHost(hosts, { balancing, random, turn: this.#turn })
    const key = request.headers[hashHeader.toLowerCase()]
    // As Envoy: what has no key goes anywhere.
    if (typeof key !== 'string') return pickHost(hosts, { balancing: 'random', random, turn: 0 })
    return this.#onRing(key, hosts, request.tried)
  }

  /**
   * The connection's endpoint. A try that may not go there (a retry, an ejected endpoint) goes
   * elsewhere, and the next one comes back: a connection moves only when its endpoint is gone.
   */
  #ofConnection(
    hosts: readonly Host[],
    { connection, tried }: Balanced & { readonly tried: readonly Host[] },
  ): Host | undefined {
    const { random } = this.#context
    const own = this.#ofConnections.get(connection)
    if (own && hosts.includes(own) && !tried.includes(own)) return own
    const host = pickHost(hosts, { balancing: 'least-request', random, turn: 0 })
    if (host && !(own && this.#all.includes(own))) this.#ofConnections.set(connection, host)
    return host
  }

  /** The key's endpoint, or after a failure the next one on the ring that was not tried. */
  #onRing(key: string, hosts: readonly Host[], tried: readonly Host[]): Host | undefined {
    this.#ring ??= new HashRing(this.#all.map(host => host.endpoint.id))
    const byId = new Map(hosts.map(host => [host.endpoint.id, host]))
    const isFresh = (id: string) => byId.has(id) && !tried.includes(byId.get(id)!)
    const id = this.#ring.find(key, isFresh) ?? this.#ring.find(key, id => byId.has(id))
    return id === undefined ? undefined : byId.get(id)
  }

  #newHost(endpoint: Endpoint, transport: Transport): Host {
    const pool: Pool = new Pool({
      connect: this.#connector(endpoint, transport),
      policy: () => this.policy,
      breakers: this.breakers,
      stats: this.stats,
      onEmpty: () => this.#draining.delete(pool),
    })
    return { endpoint, pool, outlier: new OutlierState(), openTries: 0 }
  }

  #connector(endpoint: Endpoint, transport: Transport): () => Connecting {
    const { hostname: host, port: portText } = new URL(endpoint.url)
    const port = Number(portText)
    const { identity } = this.#context
    if (transport.kind === 'plain' || !identity) return () => connectPlain(host, port)
    const { service } = transport
    let session: Buffer | undefined
    const onSession = (fresh: Buffer) => (session = fresh)
    return () => {
      if (!this.policy.tlsSessionReuse) session = undefined
      return identity.connect({ host, port, service, session, onSession })
    }
  }
}

/** Another address, version or transport makes another endpoint. */
function keyOf({ id, url, version }: Endpoint, transport: Transport): string {
  return `${id} ${url} ${version} ${transport.kind}`
}
