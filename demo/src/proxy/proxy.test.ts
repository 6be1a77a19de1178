import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { heldRequests, inboundTo, Stage } from './testing/stage.ts'

describe('a proxy before a service', () => {
  let stage: Stage
  beforeEach(() => (stage = new Stage()))
  afterEach(() => stage.end())

  test('passes a call on and its answer back, with its own headers', async () => {
    let seen: Record<string, unknown> = {}
    const { url } = await stage.server((incoming, outgoing) => {
      seen = { ...incoming.headers, url: incoming.url, method: incoming.method }
      outgoing.writeHead(201, { 'x-upstream-version': 'stable', server: 'app' }).end('made')
    })
    const proxy = await stage.proxy(inboundTo([url]))
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const answer = await stage.call(`${proxy.inboundUrl}/a/b?c=d%20e`, {
      headers: { traceparent, host: 'catalog', connection: 'x-hop', 'x-hop': '1', te: 'trailers' },
    })
    expect(answer).toMatchObject({ status: 201, body: 'made' })
    expect(answer.headers).toMatchObject({
      server: 'shop-proxy',
      'x-upstream-version': 'stable',
      'x-envoy-attempt-count': '1',
      'x-envoy-upstream-service-time': expect.stringMatching(/^\d+$/) as string,
    })
    expect(seen).toMatchObject({
      ...{ url: '/a/b?c=d%20e', method: 'GET', host: 'catalog', traceparent },
      'x-envoy-attempt-count': '1',
      'x-envoy-expected-rq-timeout-ms': '15000',
      'x-forwarded-proto': 'http',
    })
    expect([seen['x-hop'], seen['te']]).toEqual([undefined, undefined])
  })

  test('streams large bodies both ways unchanged', async () => {
    const { url } = await stage.server((incoming, outgoing) => incoming.pipe(outgoing))
    const proxy = await stage.proxy(inboundTo([url]))
    const body = Buffer.alloc(5 << 20, 'ab\xff\0c', 'latin1')
    const answer = await stage.call(proxy.inboundUrl, { method: 'POST', body })
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
    expect(hash(Buffer.from(answer.body, 'latin1'))).toBe(hash(body))
  })

  test.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])(
    'passes %s without a body over one connection, again and again',
    async method => {
      let connections = 0
      const { url, server } = await stage.server((incoming, outgoing) => {
        incoming.resume()
        const text = incoming.method ?? ''
        outgoing.writeHead(200, { 'content-length': text.length }).end(text)
      })
      server.on('connection', () => (connections += 1))
      const proxy = await stage.proxy(inboundTo([url]))
      for (let count = 0; count < 3; count += 1) {
        const answer = await stage.call(proxy.inboundUrl, { method })
        expect(answer).toMatchObject({ status: 200, body: method === 'HEAD' ? '' : method })
      }
      expect(connections).toBe(1)
    },
  )

  test('passes answers without a body, with 204 and 304', async () => {
    const { url } = await stage.server((incoming, outgoing) => {
      outgoing.writeHead(Number(incoming.url?.slice(1))).end()
    })
    const proxy = await stage.proxy(inboundTo([url]))
    expect((await stage.call(`${proxy.inboundUrl}/204`)).status).toBe(204)
    expect((await stage.call(`${proxy.inboundUrl}/304`)).status).toBe(304)
  })

  test('aborts the call when the caller leaves, and flags it DC', async () => {
    const held = heldRequests()
    const { url } = await stage.server(held.listener)
    const proxy = await stage.proxy(inboundTo([url]))
    const caller = connect(Number(new URL(proxy.inboundUrl).port), '127.0.0.1')
    caller.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await vi.waitFor(() => expect(held.waiting).toHaveLength(1))
    const aborted = once(held.waiting[0]!.outgoing, 'close')
    caller.destroy()
    await aborted
    await vi.waitFor(() => expect(proxy.log).toHaveLength(1))
    expect(proxy.log[0]).toMatchObject({ response_code: 0, response_flags: 'DC' })
    expect(await proxy.number('envoy_cluster_upstream_rq_active')).toBe(0)
    expect(await proxy.number('istio_requests_total', { response_flags: 'DC' })).toBe(1)
  })

  test('lets the caller see that an answer broke off in the middle', async () => {
    const { url } = await stage.server((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' })
      outgoing.write('part', () => outgoing.destroy())
    })
    const proxy = await stage.proxy(inboundTo([url]))
    await expect(stage.call(proxy.inboundUrl)).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    expect(proxy.log).toMatchObject([{ response_code: 200, response_flags: 'UC' }])
  })

  test('answers 502 to garbage, and to a head that is too large', async () => {
    const garbage = await stage.socketServer(socket => void socket.end('no HTTP at all\r\n\r\n'))
    const huge = await stage.server((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'x-huge': 'h'.repeat(61 * 1024) }).end()
    })
    for (const url of [garbage, huge.url]) {
      const proxy = await stage.proxy(inboundTo([url], { retriesMax: 0 }))
      const answer = await stage.call(proxy.inboundUrl)
      expect(answer).toMatchObject({ status: 502 })
      expect(answer.body).toMatch(/protocol error$/)
      expect(proxy.log).toMatchObject([{ response_flags: 'UPE' }])
    }
  })

  test('answers 431 to a head of its caller that is too large, and 400 to garbage', async () => {
    const proxy = await stage.proxy(inboundTo([]))
    const speak = async (text: string) => {
      const caller = connect(Number(new URL(proxy.inboundUrl).port), '127.0.0.1')
      caller.write(text)
      const [chunk] = (await once(caller, 'data')) as [Buffer]
      caller.destroy()
      return chunk.toString().split('\r\n')[0]
    }
    const head = `GET / HTTP/1.1\r\nhost: x\r\nx: ${'h'.repeat(61 * 1024)}\r\n\r\n`
    expect(await speak(head)).toBe('HTTP/1.1 431 Request Header Fields Too Large')
    expect(await speak('not HTTP\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request')
    expect(await proxy.number('envoy_http_downstream_cx_protocol_error')).toBe(2)
  })

  test('passes an early answer on while the request still comes', async () => {
    const { url } = await stage.server((_incoming, outgoing) => {
      outgoing.writeHead(413, { connection: 'close' }).end('too large')
    })
    const proxy = await stage.proxy(inboundTo([url]))
    const caller = connect(Number(new URL(proxy.inboundUrl).port), '127.0.0.1')
    caller.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\npart')
    const [chunk] = (await once(caller, 'data')) as [Buffer]
    expect(chunk.toString()).toMatch(/^HTTP\/1.1 413 /)
    caller.destroy()
    await vi.waitFor(async () => {
      expect(await proxy.number('envoy_cluster_upstream_rq_active')).toBe(0)
    })
  })

  test('tells the page of its numbers, its clusters and itself', async () => {
    const { url } = await stage.server((_incoming, outgoing) => outgoing.end())
    const proxy = await stage.proxy(inboundTo([url]))
    await stage.call(proxy.inboundUrl, { headers: { 'x-shop-source': 'cart' } })
    const page = (await stage.call(`${proxy.adminUrl}/metrics`)).body
    const cluster = 'envoy_cluster_name="inbound|80||catalog"'
    expect(page).toContain(`envoy_cluster_upstream_rq{${cluster},envoy_response_code="200"} 1\n`)
    expect(page).toContain(`envoy_cluster_upstream_rq_xx{${cluster},envoy_response_code_class="2"}`)
    expect(page).toContain(`envoy_cluster_upstream_rq_time_bucket{${cluster},le="+Inf"} 1\n`)
    expect(page).toContain(
      'istio_requests_total{reporter="destination",source_workload="cart",' +
        'destination_workload="catalog",destination_service_name="catalog",' +
        'destination_version="stable",request_protocol="http",response_code="200",' +
        'response_flags="-",connection_security_policy="none"} 1\n',
    )
    expect(page).toContain('\nprocess_cpu_user_seconds_total ')
    const clusters: unknown = JSON.parse((await stage.call(`${proxy.adminUrl}/clusters`)).body)
    expect(clusters).toMatchObject([{ name: 'inbound|80||catalog', endpoints: [{ url }] }])
    expect((await stage.call(`${proxy.adminUrl}/ready`)).body).toBe('LIVE\n')
    const info: unknown = JSON.parse((await stage.call(`${proxy.adminUrl}/server_info`)).body)
    expect(info).toMatchObject({ state: 'LIVE', service: 'catalog' })
    expect((await stage.call(`${proxy.adminUrl}/nothing`)).status).toBe(404)
  })
})
