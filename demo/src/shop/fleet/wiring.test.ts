import { describe, expect, test } from 'vitest'
import { instanceTold, peersOf, proxyConfig, type Plan, type PlannedInstance } from './wiring.ts'

const instance = (service: PlannedInstance['service'], more: Partial<PlannedInstance> = {}) => {
  const id = `${service}-1`
  const url = `http://${id}`
  return { id, service, version: 'stable', url, isReady: true, leaving: false, ...more }
}

const proxyAt = (name: string) => ({
  inboundUrl: `http://${name}-in`,
  outboundUrl: `http://${name}-out`,
})

function plan(more: Partial<Plan> = {}): Plan {
  return {
    mesh: false,
    mutualTls: false,
    canaryPercent: 10,
    networkDelayMs: 0,
    instances: [instance('gateway'), instance('catalog'), instance('bank')],
    proxies: new Map(),
    external: ['bank'],
    serviceLayers: [],
    proxyLayers: [],
    routingLayers: [],
    ...more,
  }
}

const mesh = plan({
  mesh: true,
  proxies: new Map(
    (['ingress', 'gateway', 'catalog'] as const).map(name => [name, proxyAt(name)] as const),
  ),
})

describe('without a mesh', () => {
  test('services call each other straight', () => {
    expect(peersOf(plan(), 'gateway')).toEqual({
      gateway: { url: 'http://gateway-1' },
      catalog: { url: 'http://catalog-1' },
      bank: { url: 'http://bank-1' },
    })
  })

  test('a service with a proxy before it is called through it', () => {
    const proxies = new Map([['catalog', proxyAt('catalog')] as const])
    expect(peersOf(plan({ proxies }), 'gateway')['catalog']).toEqual({ url: 'http://catalog-in' })
  })

  test('a proxy knows the processes that are ready, and nothing of other services', () => {
    const instances = [
      instance('catalog'),
      instance('catalog', { id: 'catalog-2', url: 'http://catalog-2', isReady: false }),
    ]
    const proxies = new Map([
      ['catalog', proxyAt('catalog')],
      ['cart', proxyAt('cart')],
    ] as const)
    const config = proxyConfig(plan({ instances, proxies }), 'catalog')
    expect(config.inbound.endpoints.map(endpoint => endpoint.id)).toEqual(['catalog-1'])
    expect(config.outbound).toEqual({})
  })
})

describe('with a mesh', () => {
  test('a service asks its own sidecar for the others, and the bank without one', () => {
    expect(peersOf(mesh, 'catalog')).toEqual({
      gateway: { url: 'http://catalog-out', authority: 'gateway' },
      catalog: { url: 'http://catalog-out', authority: 'catalog' },
      bank: { url: 'http://bank-1' },
    })
  })

  test('only the sidecars try again', () => {
    expect(instanceTold(mesh, instance('catalog')).settings).toEqual({ callRetries: 0 })
  })

  test('a sidecar reaches the sidecars of the others', () => {
    const { outbound } = proxyConfig(mesh, 'catalog')
    expect(Object.keys(outbound)).toEqual(['gateway'])
    expect(outbound['gateway']?.url).toBe('http://gateway-in')
  })

  test("the proxy in front knows the gateway's sidecar alone", () => {
    const { inbound, outbound } = proxyConfig(mesh, 'ingress')
    expect(inbound.endpoints.map(endpoint => endpoint.url)).toEqual(['http://gateway-in'])
    expect(outbound).toEqual({})
  })
})

test('recommendations go to the canary by weight and header, if no fault says otherwise', () => {
  const { routing } = proxyConfig(plan({ canaryPercent: 25 }), 'recommendation').inbound
  expect(routing).toEqual({
    weights: { stable: 75, 'canary-v2': 25 },
    byHeader: { name: 'x-user-segment', versions: { 'beta-testers': 'canary-v2' } },
  })
  const wrong = { weights: { stable: 1 } }
  const routingLayers = [{ service: 'recommendation', routing: wrong } as const]
  expect(proxyConfig(plan({ routingLayers }), 'recommendation').inbound.routing).toBe(wrong)
})

test('a change concerns the replica by its place among those that stay', () => {
  const leaving = instance('catalog', { leaving: true })
  const second = instance('catalog', { id: 'catalog-2' })
  const target = { service: 'catalog', replica: 0 } as const
  const serviceLayers = [{ target, values: { cpuCores: 0.2 } }]
  const two = plan({ instances: [leaving, second], serviceLayers })
  expect(instanceTold(two, second).settings).toEqual({ cpuCores: 0.2 })
})

test('each service takes so much longer to reach the others as the network does', () => {
  const apart = plan({ networkDelayMs: 2 })
  expect(instanceTold(apart, instance('catalog')).settings).toEqual({ networkDelayMs: 2 })
})
