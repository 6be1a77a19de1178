import type { PeerAddress, PeerAddresses } from '../../protocol.ts'
import type { Endpoint, ProxyConfig, Routing } from '../../proxy/contract.ts'
import {
  canaryRouting,
  defaultPolicy,
  equalRouting,
  sidecarInboundPolicy,
} from '../../proxy/defaults.ts'
import { serviceNames, type ServiceName } from '../../services.ts'
import type { Told } from './instance.ts'
import { policyOf, settingsOf, type ProxyLayer, type ServiceLayer } from './layers.ts'

/** What there is, and what is changed about it: enough to say what each process must be told. */
export interface Plan {
  readonly mesh: boolean
  readonly mutualTls: boolean
  readonly canaryPercent: number
  /** Round trip of the network between any two processes, ms; 0: they are on one machine. */
  readonly networkDelayMs: number
  readonly instances: readonly PlannedInstance[]
  readonly proxies: ReadonlyMap<
    ServiceName | 'ingress',
    { readonly inboundUrl: string; readonly outboundUrl: string }
  >
  readonly external: readonly ServiceName[]
  readonly serviceLayers: readonly ServiceLayer[]
  readonly proxyLayers: readonly ProxyLayer[]
  readonly routingLayers: readonly { readonly service: ServiceName; readonly routing: Routing }[]
}

export interface PlannedInstance {
  readonly id: string
  readonly service: ServiceName
  readonly version: string
  readonly url: string
  readonly isReady: boolean
  readonly leaving: boolean
}

/** A service process's peers and what differs in its settings. */
export function instanceTold(plan: Plan, instance: PlannedInstance): Told {
  const same = plan.instances.filter(one => one.service === instance.service && !one.leaving)
  const replica = same.findIndex(one => one.id === instance.id)
  const { service, version } = instance
  const { networkDelayMs } = plan
  const apart: ServiceLayer = { target: { service }, values: { networkDelayMs } }
  // With a mesh the sidecars try again; both would multiply.
  const inMesh: ServiceLayer = { target: { service }, values: { callRetries: 0 } }
  const layers = [
    ...(networkDelayMs > 0 ? [apart] : []),
    ...(plan.mesh ? [inMesh] : []),
    ...plan.serviceLayers,
  ]
  const settings = settingsOf(layers, { service, version, replica })
  return { peers: peersOf(plan, service), settings }
}

/** Where a service finds the others. */
export function peersOf(plan: Plan, caller: ServiceName): PeerAddresses {
  const peers: Record<string, PeerAddress> = {}
  const sidecar = plan.mesh ? plan.proxies.get(caller) : undefined
  for (const name of serviceNames) {
    const proxy = plan.proxies.get(name)
    const first = plan.instances.find(one => one.service === name && !one.leaving)
    if (sidecar && proxy) peers[name] = { url: sidecar.outboundUrl, authority: name }
    else if (proxy) peers[name] = { url: proxy.inboundUrl }
    else if (first) peers[name] = { url: first.url }
  }
  return peers
}

/** The whole of what a proxy is to do. */
export function proxyConfig(plan: Plan, name: ServiceName | 'ingress'): ProxyConfig {
  const own = plan.proxyLayers.filter(layer => layer.proxy === name).map(layer => layer.change)
  const last = <K extends 'cpuCores' | 'requestsPerSecondMax'>(key: K) =>
    own.findLast(change => change[key] !== undefined)?.[key] ?? 0
  const base = plan.mesh && name !== 'ingress' ? sidecarInboundPolicy : defaultPolicy
  return {
    kind: 'config',
    cpuCores: last('cpuCores'),
    mutualTls: plan.mutualTls,
    inbound: {
      ...(name === 'ingress' && { toService: 'gateway' }),
      ...inboundOf(plan, name),
      policy: policyOf(base, plan.proxyLayers, { proxy: name }),
      requestsPerSecondMax: last('requestsPerSecondMax'),
    },
    outbound: plan.mesh && name !== 'ingress' ? outboundOf(plan, name) : {},
  }
}

function inboundOf(
  plan: Plan,
  name: ServiceName | 'ingress',
): { readonly endpoints: Endpoint[]; readonly routing: Routing } {
  if (name === 'ingress') {
    const url = plan.proxies.get('gateway')?.inboundUrl ?? ''
    const endpoints = [{ id: 'gateway-proxy', url, version: 'stable' }]
    return { endpoints, routing: equalRouting(['stable']) }
  }
  const endpoints = plan.instances
    .filter(one => one.service === name && one.isReady)
    .map(({ id, url, version }) => ({ id, url, version }))
  const changed = plan.routingLayers.findLast(layer => layer.service === name)?.routing
  return { endpoints, routing: changed ?? routingOf(plan, name) }
}

function routingOf(plan: Plan, name: ServiceName): Routing {
  if (name !== 'recommendation') return equalRouting(['stable'])
  return canaryRouting(plan.canaryPercent)
}

function outboundOf(plan: Plan, caller: ServiceName): ProxyConfig['outbound'] {
  const others = [...plan.proxies].filter(([name]) => name !== caller && name !== 'ingress')
  return Object.fromEntries(
    others.map(([name, { inboundUrl }]) => {
      const policy = policyOf(defaultPolicy, plan.proxyLayers, { proxy: caller, to: name })
      return [name, { url: inboundUrl, policy }]
    }),
  )
}
