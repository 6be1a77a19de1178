import { request } from 'node:https'
import { connect as tlsConnect } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeAuthority, type Authority } from './authority.ts'
import type { ClusterPolicy, ProxyCertificate, ProxyConfig } from './contract.ts'
import { defaultPolicy } from './defaults.ts'
import { heldRequests, inboundTo, Stage, type RunningProxy } from './testing/stage.ts'

let authority: Authority
let stage: Stage
beforeAll(async () => {
  authority = await makeAuthority()
})
beforeEach(() => (stage = new Stage()))
afterEach(() => stage.end())

/** cart --plain--> its proxy --TLS--> the proxy of catalog --plain--> catalog. */
async function mesh(url: string, policy: Partial<ClusterPolicy> = {}) {
  const callee = await stage.proxy(inboundTo([url]), {
    certificate: await authority.issue('catalog'),
  })
  const configFor = (mutualTls: boolean, differing: Partial<ClusterPolicy> = {}): ProxyConfig => ({
    ...inboundTo([]),
    mutualTls,
    accessLog: true,
    outbound: {
      catalog: {
        url: callee.inboundUrl,
        policy: { ...defaultPolicy, retriesMax: 0, ...policy, ...differing },
      },
    },
  })
  const certificate = await authority.issue('cart')
  const caller = await stage.proxy(configFor(true), { service: 'cart', certificate })
  const call = () => stage.call(caller.outboundUrl, { headers: { host: 'catalog:80' } })
  return { callee, caller, configFor, call }
}

const app = () => stage.server((incoming, outgoing) => outgoing.end(incoming.headers.host))
const handshakes = (proxy: RunningProxy) => proxy.number('envoy_listener_ssl_handshake')

describe('mutual TLS between proxies', () => {
  test('carries a call, and both sides know each other', async () => {
    const { url } = await app()
    const { callee, caller, call } = await mesh(url)
    const answer = await call()
    expect(answer).toMatchObject({ status: 200, body: 'catalog:80' })
    const seen = { source_workload: 'cart', destination_workload: 'catalog' }
    const secure = { connection_security_policy: 'mutual_tls' }
    expect(
      await callee.number('istio_requests_total', { ...seen, ...secure, reporter: 'destination' }),
    ).toBe(1)
    expect(await caller.number('istio_requests_total', { ...seen, reporter: 'source' })).toBe(1)
    const outbound = { envoy_cluster_name: 'outbound|80||catalog' }
    expect(await caller.number('envoy_cluster_ssl_handshake', outbound)).toBe(1)
    expect(await callee.number('envoy_http_downstream_cx_ssl_total')).toBe(1)
    expect(await handshakes(callee)).toBe(1)
  })

  test('believes the certificate, not the header', async () => {
    let source: unknown
    const { url } = await stage.server((incoming, outgoing) => {
      source = incoming.headers['x-shop-source']
      outgoing.end()
    })
    const { callee, caller } = await mesh(url)
    const headers = { host: 'catalog', 'x-shop-source': 'payment' }
    await stage.call(caller.outboundUrl, { headers })
    expect(source).toBe('cart')
    expect(await callee.number('istio_requests_total', { source_workload: 'payment' })).toBe(0)
  })

  test.each([
    [true, 3],
    [false, 0],
  ])('with tlsSessionReuse %s, %s of three new connections resume', async (reuse, resumed) => {
    const { url } = await app()
    // Each request has a connection of its own.
    const policy = { tlsSessionReuse: reuse, requestsPerConnectionMax: 1 }
    const { callee, caller, call } = await mesh(url, policy)
    for (let count = 0; count < 4; count += 1) expect((await call()).status).toBe(200)
    expect(await handshakes(callee)).toBe(4)
    expect(await callee.number('envoy_listener_ssl_session_reused')).toBe(resumed)
    expect(await caller.number('envoy_cluster_ssl_session_reused')).toBe(resumed)
    // A resumed session knows the caller too.
    expect(await callee.number('istio_requests_total', { source_workload: 'cart' })).toBe(4)
  })

  test('can be switched while calls are open, without a failure', async () => {
    const held = heldRequests()
    const { url } = await stage.server(held.listener)
    const { callee, caller, configFor, call } = await mesh(url)
    const calls = []
    for (const mutualTls of [true, false, true]) {
      caller.proxy.configure(configFor(mutualTls))
      calls.push(call())
      await vi.waitFor(() => expect(held.waiting).toHaveLength(calls.length))
    }
    for (const { outgoing } of held.waiting) outgoing.end('done')
    for (const answer of await Promise.all(calls)) expect(answer.status).toBe(200)
    const policies = ['mutual_tls', 'none'].map(connection_security_policy =>
      callee.number('istio_requests_total', {
        connection_security_policy,
        source_workload: 'cart',
      }),
    )
    expect(await Promise.all(policies)).toEqual([2, 1])
  })

  test('refuses who shows no certificate, or one of another authority', async () => {
    const { url } = await app()
    const { callee } = await mesh(url)
    const stranger = await (await makeAuthority()).issue('cart')
    const port = Number(new URL(callee.inboundUrl).port)
    const attempt = (own: Partial<ProxyCertificate>) =>
      new Promise<string>(resolve => {
        const { certificatePem: cert, keyPem: key } = own
        const outgoing = request(
          { host: '127.0.0.1', port, rejectUnauthorized: false, agent: false, cert, key },
          incoming => resolve(`answered ${incoming.statusCode}`),
        )
        outgoing.on('error', () => resolve('refused'))
        outgoing.end()
      })
    expect(await attempt({})).toBe('refused')
    expect(await attempt(stranger)).toBe('refused')
    expect(await attempt(await authority.issue('search'))).toBe('answered 200')
    expect(await callee.number('envoy_listener_ssl_fail_verify_no_cert')).toBe(1)
    expect(await callee.number('envoy_listener_ssl_fail_verify_error')).toBe(1)
  })

  test('calls nobody who has the certificate of another service, or of another shop', async () => {
    const { url } = await app()
    const wrong = await stage.proxy(inboundTo([url]), {
      certificate: await authority.issue('payment'),
    })
    const foreign = await stage.proxy(inboundTo([url]), {
      certificate: await (await makeAuthority()).issue('catalog'),
    })
    const policy = { ...defaultPolicy, retriesMax: 0 }
    const caller = await stage.proxy(
      {
        ...inboundTo([]),
        mutualTls: true,
        outbound: {
          catalog: { url: wrong.inboundUrl, policy },
          cart: { url: foreign.inboundUrl, policy },
        },
      },
      { service: 'search', certificate: await authority.issue('search') },
    )
    for (const host of ['catalog', 'cart']) {
      const answer = await stage.call(caller.outboundUrl, { headers: { host } })
      expect(answer.status).toBe(503)
    }
    expect(caller.log).toMatchObject([{ response_flags: 'UF' }, { response_flags: 'UF' }])
    expect(await caller.number('envoy_cluster_ssl_fail_verify_san')).toBe(1)
    expect(await caller.number('envoy_cluster_ssl_fail_verify_error')).toBe(1)
  })

  test('survives who speaks neither TLS nor HTTP', async () => {
    const { url } = await app()
    const { callee, call } = await mesh(url)
    const port = Number(new URL(callee.inboundUrl).port)
    const socket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    socket.on('error', () => socket.destroy())
    // A record that claims to be a handshake, and is none.
    const { connect } = await import('node:net')
    const raw = connect(port, '127.0.0.1')
    raw.on('error', () => raw.destroy())
    raw.write(Buffer.from([0x16, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
    await vi.waitFor(async () => {
      expect(await callee.number('envoy_listener_ssl_connection_error')).toBe(1)
    })
    socket.destroy()
    expect((await call()).status).toBe(200)
  })
})

describe('the ingress', () => {
  test("is called in plain HTTP and calls the gateway's proxy over mutual TLS", async () => {
    let seen: Record<string, unknown> = {}
    const { url } = await stage.server((incoming, outgoing) => {
      seen = { ...incoming.headers }
      outgoing.writeHead(200, { 'x-upstream-version': 'stable' }).end()
    })
    const gateway = await stage.proxy(inboundTo([url]), {
      service: 'gateway',
      certificate: await authority.issue('gateway'),
    })
    const config = inboundTo([gateway.inboundUrl])
    const ingress = await stage.proxy(
      { ...config, mutualTls: true, inbound: { ...config.inbound, toService: 'gateway' } },
      { service: 'ingress', certificate: await authority.issue('ingress') },
    )
    const headers = { 'x-envoy-max-retries': '9', 'x-shop-source': 'me', host: 'shop.example' }
    expect((await stage.call(ingress.inboundUrl, { headers })).status).toBe(200)
    expect(seen).toMatchObject({
      host: 'shop.example',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-shop-source': 'ingress',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    })
    expect(seen['x-envoy-max-retries']).toBeUndefined()
    const labels = { source_workload: 'ingress', destination_workload: 'gateway' }
    const version = { destination_version: 'stable' }
    const atIngress = { ...labels, ...version, reporter: 'source' }
    expect(await ingress.number('istio_requests_total', atIngress)).toBe(1)
    expect(await gateway.number('istio_requests_total', labels)).toBe(1)
    const cluster = { envoy_cluster_name: 'outbound|80||gateway' }
    expect(await ingress.number('envoy_cluster_upstream_rq_total', cluster)).toBe(1)
  })

  test('keeps the request id and the addresses that a caller gives', async () => {
    let seen: Record<string, unknown> = {}
    const { url } = await stage.server((incoming, outgoing) => {
      seen = { ...incoming.headers }
      outgoing.end()
    })
    const ingress = await stage.proxy(inboundTo([url]), { service: 'ingress' })
    const headers = { 'x-request-id': 'mine', 'x-forwarded-for': '10.0.0.1' }
    await stage.call(ingress.inboundUrl, { headers })
    expect(seen).toMatchObject({
      'x-request-id': 'mine',
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
    })
  })
})
