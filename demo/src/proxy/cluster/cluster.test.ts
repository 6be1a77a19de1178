import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RequestListener } from 'node:http'
import type { ClusterPolicy, ProxyConfig } from '../contract.ts'
import { heldRequests, inboundTo, Stage, type RunningProxy } from '../testing/stage.ts'

const cluster = (name: string) => `envoy_cluster_${name}`
const breaker = (name: string) => `envoy_cluster_circuit_breakers_default_${name}_open`

let stage: Stage
beforeEach(() => (stage = new Stage()))
afterEach(() => stage.end())

describe('circuit breakers', () => {
  const held = async (policy: Partial<ClusterPolicy>) => {
    const { listener, waiting } = heldRequests()
    const { url } = await stage.server(listener)
    return { waiting, proxy: await stage.proxy(inboundTo([url], policy)) }
  }
  const overflow = {
    status: 503,
    body: 'upstream connect error or disconnect/reset before headers. reset reason: overflow',
    headers: { 'x-envoy-overloaded': 'true' },
  }

  test('let pendingMax requests wait for a connection, and refuse the next', async () => {
    const { waiting, proxy } = await held({ connectionsMax: 1, pendingMax: 1 })
    const first = stage.call(proxy.inboundUrl)
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    const second = stage.call(proxy.inboundUrl)
    await vi.waitFor(async () => {
      expect(await proxy.number(cluster('upstream_rq_pending_active'))).toBe(1)
    })
    expect(await proxy.number(breaker('rq_pending'))).toBe(1)
    expect(await proxy.number(breaker('cx'))).toBe(1)
    expect(await stage.call(proxy.inboundUrl)).toMatchObject(overflow)
    expect(proxy.log).toMatchObject([{ response_flags: 'UO' }])
    expect(await proxy.number(cluster('upstream_rq_pending_overflow'))).toBe(1)
    expect(await proxy.number(cluster('upstream_cx_overflow'))).toBe(1)
    waiting[0]!.outgoing.end('one')
    await vi.waitFor(() => expect(waiting).toHaveLength(2))
    waiting[1]!.outgoing.end('two')
    expect([(await first).body, (await second).body]).toEqual(['one', 'two'])
    expect(await proxy.number(cluster('upstream_cx_total'))).toBe(1)
    expect(await proxy.number(breaker('rq_pending'))).toBe(0)
  })

  test('refuse more than requestsMax open requests', async () => {
    const { waiting, proxy } = await held({ requestsMax: 1 })
    const first = stage.call(proxy.inboundUrl)
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    expect(await proxy.number(breaker('rq'))).toBe(1)
    expect(await stage.call(proxy.inboundUrl)).toMatchObject(overflow)
    waiting[0]!.outgoing.end()
    expect((await first).status).toBe(200)
    expect(await proxy.number(breaker('rq'))).toBe(0)
  })

  test('give each endpoint one connection, whatever connectionsMax says', async () => {
    const { listener, waiting } = heldRequests()
    const servers = [await stage.server(listener), await stage.server(listener)]
    const policy = { connectionsMax: 1, balancing: 'round-robin' } as const
    const proxy = await stage.proxy(
      inboundTo(
        servers.map(({ url }) => url),
        policy,
      ),
    )
    const calls = [stage.call(proxy.inboundUrl), stage.call(proxy.inboundUrl)]
    await vi.waitFor(() => expect(waiting).toHaveLength(2))
    expect(await proxy.number(cluster('upstream_cx_active'))).toBe(2)
    for (const { outgoing } of waiting) outgoing.end()
    await Promise.all(calls)
  })

  test('forget a request that waits when its caller leaves', async () => {
    const { waiting, proxy } = await held({ connectionsMax: 1 })
    const first = stage.call(proxy.inboundUrl)
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    const pending = () => proxy.number(cluster('upstream_rq_pending_active'))
    const caller = connect(Number(new URL(proxy.inboundUrl).port), '127.0.0.1')
    caller.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await vi.waitFor(async () => expect(await pending()).toBe(1))
    caller.destroy()
    await vi.waitFor(async () => expect(await pending()).toBe(0))
    expect(await proxy.number(cluster('upstream_rq_cancelled'))).toBe(1)
    waiting[0]!.outgoing.end()
    expect((await first).status).toBe(200)
    expect(waiting).toHaveLength(1)
  })

  test('close a connection after requestsPerConnectionMax requests', async () => {
    const { url } = await stage.server((_incoming, outgoing) => outgoing.end())
    const proxy = await stage.proxy(inboundTo([url], { requestsPerConnectionMax: 2 }))
    for (let call = 0; call < 4; call += 1) await stage.call(proxy.inboundUrl)
    await vi.waitFor(async () => {
      expect(await proxy.number(cluster('upstream_cx_max_requests'))).toBe(2)
      expect(await proxy.number(cluster('upstream_cx_active'))).toBe(0)
    })
    expect(await proxy.number(cluster('upstream_cx_total'))).toBe(2)
    expect(await proxy.number(cluster('upstream_rq_per_cx_sum'))).toBe(4)
  })
})

/** Servers that answer with their number, and count. */
async function numbered(count: number, status: (index: number) => number = () => 200) {
  const calls = Array.from({ length: count }, () => 0)
  const urls: string[] = []
  for (let index = 0; index < count; index += 1) {
    const listener: RequestListener = (_incoming, outgoing) => {
      calls[index]! += 1
      outgoing.writeHead(status(index)).end(String(index))
    }
    urls.push((await stage.server(listener)).url)
  }
  return { urls, calls }
}

async function bodies(proxy: RunningProxy, count: number, headers = {}): Promise<string> {
  let text = ''
  for (let call = 0; call < count; call += 1) {
    text += (await stage.call(proxy.inboundUrl, { headers })).body
  }
  return text
}

describe('outlier detection', () => {
  const policy: Partial<ClusterPolicy> = {
    retriesMax: 0,
    balancing: 'round-robin',
    outlier: { consecutive5xx: 2, baseEjectionMs: 1_000, ejectedRatioMax: 0.5, panicRatio: 0.1 },
  }
  const active = cluster('outlier_detection_ejections_active')

  test('leaves out an endpoint with enough 5xx in a row, each time for longer', async () => {
    let failing = true
    const { urls, calls } = await numbered(2, index => (index === 0 && failing ? 500 : 200))
    const proxy = await stage.proxy(inboundTo(urls, policy))
    await bodies(proxy, 4)
    expect(calls).toEqual([2, 2])
    expect(await proxy.number(active)).toBe(1)
    expect(await proxy.number(cluster('membership_healthy'))).toBe(1)
    expect(await bodies(proxy, 4)).toBe('1111')
    proxy.advance(1_000)
    expect(await proxy.number(active)).toBe(0)
    // The second ejection lasts two times as long.
    await bodies(proxy, 4)
    expect(await proxy.number(active)).toBe(1)
    proxy.advance(1_999)
    expect(await bodies(proxy, 2)).toBe('11')
    proxy.advance(1)
    failing = false
    expect((await bodies(proxy, 4)).split('').toSorted().join('')).toBe('0011')
    const enforced = cluster('outlier_detection_ejections_enforced_consecutive_5xx')
    expect(await proxy.number(enforced)).toBe(2)
  })

  test('counts a refused connection as a 5xx', async () => {
    const { urls } = await numbered(1)
    const proxy = await stage.proxy(inboundTo([await stage.nowhere(), ...urls], policy))
    await bodies(proxy, 4)
    expect(await proxy.number(active)).toBe(1)
    expect(await bodies(proxy, 3)).toBe('000')
  })

  test('does not eject more than ejectedRatioMax, but one in any case', async () => {
    const { urls } = await numbered(3, () => 503)
    const outlier = { ...policy.outlier!, ejectedRatioMax: 0.5 }
    const proxy = await stage.proxy(inboundTo(urls, { ...policy, outlier }))
    await bodies(proxy, 12)
    expect(await proxy.number(active)).toBe(1)
    const refused = cluster('outlier_detection_ejections_overflow')
    expect(await proxy.number(refused)).toBeGreaterThan(0)
  })

  test('is put aside when too few are left, and answers UH when it may not be', async () => {
    const { urls } = await numbered(1, () => 500)
    const calm = await stage.proxy(inboundTo(urls, policy))
    await bodies(calm, 3)
    expect(await calm.number(cluster('lb_healthy_panic'))).toBe(1)
    const outlier = { ...policy.outlier!, panicRatio: 0 }
    const strict = await stage.proxy(inboundTo(urls, { ...policy, outlier }))
    await bodies(strict, 2)
    expect(await stage.call(strict.inboundUrl)).toMatchObject({ body: 'no healthy upstream' })
    expect(strict.log[2]).toMatchObject({ response_flags: 'UH' })
  })

  test('never happens with consecutive5xx 0', async () => {
    const { urls } = await numbered(2, () => 500)
    const outlier = { ...policy.outlier!, consecutive5xx: 0 }
    const proxy = await stage.proxy(inboundTo(urls, { ...policy, outlier }))
    await bodies(proxy, 20)
    expect(await proxy.number(active)).toBe(0)
  })
})

describe('balancing and routing', () => {
  test('round robin goes through the endpoints in turn', async () => {
    const { urls } = await numbered(3)
    const proxy = await stage.proxy(inboundTo(urls, { balancing: 'round-robin' }))
    expect(await bodies(proxy, 6)).toMatch(/^(012012|120120|201201)$/)
  })

  test('least request avoids the endpoint that is busy', async () => {
    const { listener, waiting } = heldRequests()
    const busy = await stage.server(listener)
    const { urls } = await numbered(1)
    // Dice that always draw the first endpoint, then the second.
    let throws = 0
    const random = () => (throws++ % 3 === 2 ? 0.9 : 0)
    const proxy = await stage.proxy(inboundTo([busy.url, ...urls]), { random })
    const first = stage.call(proxy.inboundUrl)
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    expect(await bodies(proxy, 5)).toBe('00000')
    waiting[0]!.outgoing.end()
    await first
  })

  test('ring hash sends the same header to the same endpoint', async () => {
    const { urls } = await numbered(4)
    const policy = { balancing: 'ring-hash', hashHeader: 'X-User-Id' } as const
    const proxy = await stage.proxy(inboundTo(urls, policy))
    const seen = new Set<string>()
    for (const user of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      const text = await bodies(proxy, 3, { 'x-user-id': user })
      expect(text).toBe(text[0]!.repeat(3))
      seen.add(text[0]!)
    }
    expect(seen.size).toBeGreaterThan(1)
  })

  test('per connection, all requests go where the first of its connection went', async () => {
    const { urls } = await numbered(2)
    let dice = 0
    const policy = { balancing: 'per-connection' } as const
    const proxy = await stage.proxy(inboundTo(urls, policy), { random: () => dice })
    expect(await bodies(proxy, 3)).toBe('000')
    dice = 0.9
    expect(await bodies(proxy, 3)).toBe('000')
    expect(await bodies(proxy, 2, { connection: 'close' })).toBe('01')
    expect(await bodies(proxy, 3)).toBe('111')
    dice = 0
    expect(await bodies(proxy, 3)).toBe('111')
  })

  test('per connection, a retry goes elsewhere and the next request comes back', async () => {
    let failing = false
    let dice = 0
    const { urls } = await numbered(2, index => (index === 0 && failing ? 503 : 200))
    const retries = { retriesMax: 1, retryOn: ['gateway-error'], retryPauseMs: 0 } as const
    const policy = { balancing: 'per-connection', ...retries } as const
    const proxy = await stage.proxy(inboundTo(urls, policy), { random: () => dice })
    expect(await bodies(proxy, 2)).toBe('00')
    failing = true
    dice = 0.9
    expect(await bodies(proxy, 2)).toBe('11')
    failing = false
    expect(await bodies(proxy, 2)).toBe('00')
  })

  const versions = async (routing: ProxyConfig['inbound']['routing'], random?: () => number) => {
    const { urls } = await numbered(2)
    const config = inboundTo(urls)
    const [stable, canary] = config.inbound.endpoints
    const endpoints = [stable!, { ...canary!, version: 'canary-v2' }]
    const inbound = { ...config.inbound, endpoints, routing }
    return stage.proxy({ ...config, inbound }, random ? { random } : {})
  }

  test('weights share the requests between versions', async () => {
    // Dice that show 0.00, 0.01, ... 0.99: exactly 3 of 12 parts of a hundred go to the canary.
    let throws = 0
    const random = () => (throws++ % 100) / 100
    const proxy = await versions({ weights: { stable: 9, 'canary-v2': 3 } }, random)
    const text = await bodies(proxy, 100)
    expect(text.split('1').length - 1).toBe(25)
    const canary = { destination_version: 'canary-v2' }
    expect(await proxy.number('istio_requests_total', canary)).toBe(25)
  })

  test('a header decides over the weights', async () => {
    const proxy = await versions({
      weights: { stable: 1 },
      byHeader: { name: 'X-User-Segment', versions: { 'beta-testers': 'canary-v2', old: 'gone' } },
    })
    expect(await bodies(proxy, 3, { 'x-user-segment': 'beta-testers' })).toBe('111')
    expect(await bodies(proxy, 3, { 'x-user-segment': 'toString' })).toBe('000')
    // A version without endpoints gets nothing: the weights decide.
    expect(await bodies(proxy, 3, { 'x-user-segment': 'old' })).toBe('000')
    expect(await bodies(proxy, 3)).toBe('000')
  })

  test('any endpoint answers when no version with a weight has one', async () => {
    const proxy = await versions({ weights: { gone: 1, stable: 0 } })
    expect((await bodies(proxy, 4)).length).toBe(4)
    expect(await proxy.number(cluster('lb_subsets_fallback'))).toBe(4)
  })
})

describe('a change of the config', () => {
  test('lets open requests finish where they are, and sends new ones elsewhere', async () => {
    const { listener, waiting } = heldRequests()
    const old = await stage.server(listener)
    const { urls } = await numbered(1)
    const proxy = await stage.proxy(inboundTo([old.url]))
    const open = stage.call(proxy.inboundUrl)
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    proxy.proxy.configure(inboundTo(urls))
    expect(await bodies(proxy, 2)).toBe('00')
    expect(await proxy.number(cluster('membership_total'))).toBe(1)
    expect(await proxy.number(cluster('upstream_cx_active'))).toBe(2)
    waiting[0]!.outgoing.end('old')
    expect((await open).body).toBe('old')
    await vi.waitFor(async () => {
      expect(await proxy.number(cluster('upstream_cx_active'))).toBe(1)
    })
  })

  test('with a url that is none changes nothing', async () => {
    const { urls } = await numbered(1)
    const proxy = await stage.proxy(inboundTo(urls))
    expect(() => proxy.proxy.configure(inboundTo(['http://127.0.0.1']))).toThrow(
      'catalog-1 must have a url with a port, not "http://127.0.0.1"',
    )
    expect(() => proxy.proxy.configure({ ...inboundTo(urls), mutualTls: true })).toThrow(
      'the proxy of catalog has no certificate',
    )
    expect(await bodies(proxy, 2)).toBe('00')
  })

  test('takes back what was there before, with its history', async () => {
    const { urls } = await numbered(2)
    const proxy = await stage.proxy(inboundTo(urls))
    await bodies(proxy, 6)
    proxy.proxy.configure(inboundTo(urls.slice(0, 1)))
    expect(await bodies(proxy, 2)).toBe('00')
    proxy.proxy.configure(inboundTo(urls))
    await bodies(proxy, 2)
    expect(await proxy.number(cluster('upstream_rq_total'))).toBe(10)
    expect(await proxy.number(cluster('membership_change'))).toBe(4)
  })
})
