import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Database } from '../data/database.ts'
import { ServiceMetrics } from '../telemetry/metrics.ts'
import { jsonOf, Peers } from '../calls/peers.ts'
import { Problem } from './problem.ts'
import type { Route } from './router.ts'
import { ServiceServer } from './server.ts'
import type { Handler } from '../service.ts'
import { serviceSettings, type ServiceSettings } from '../settings.ts'
import { startTestServer } from '../test-server.ts'

const ends: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A real service on a free port, with one other service behind it; no database is opened. */
async function serve(options: {
  readonly routes: readonly Route<Handler>[]
  readonly peer?: string
  readonly settings?: Partial<ServiceSettings>
}): Promise<{ url: string; metrics: ServiceMetrics }> {
  const settings = serviceSettings({ callRetryPauseMs: 0, ...options.settings })
  const metrics = new ServiceMetrics('test')
  const server = new ServiceServer({ name: 'test', settings, metrics })
  const url = await server.listen(0)
  const address = { connectionString: 'postgres://nobody@127.0.0.1:1/none' }
  const database = new Database({ address, schema: 'none', settings, metrics })
  const addresses = { peer: { url: options.peer ?? url } }
  const peers = new Peers({ addresses, settings, metrics })
  server.attach({ version: 'canary-v2', routes: options.routes, database, peers })
  ends.push(
    () => database.end(),
    () => peers.end(),
    () => server.stop(),
  )
  return { url, metrics }
}

const echo: Route<Handler> = {
  method: 'POST',
  path: '/echo',
  handle: async request => ({ status: 201, body: await request.json() }),
}

const callPeer = (method: 'GET' | 'POST'): Route<Handler> => ({
  method,
  path: '/call',
  handle: async request => {
    const answer = await request.call({ peer: 'peer', method, path: '/x' })
    return { status: 200, body: jsonOf<object>(answer) }
  },
})

const post = (url: string, body: string, type = 'application/json') =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': type } })

describe('a service', () => {
  test('answers JSON with its version and its timing', async () => {
    const { url } = await serve({ routes: [echo] })
    const answer = await post(`${url}/echo`, '{"a":[1]}')
    expect(answer.status).toBe(201)
    expect(answer.headers.get('x-upstream-version')).toBe('canary-v2')
    expect(answer.headers.get('server-timing')).toMatch(/^test;dur=\d+\.\d$/)
    expect(await answer.json()).toEqual({ a: [1] })
  })

  test('names every request in its answer, by the name it came with', async () => {
    const { url } = await serve({ routes: [echo] })
    const nameOf = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(url + path, { headers })).headers.get('x-request-id')
    expect(await nameOf('/health', { 'x-request-id': 'mine' })).toBe('mine')
    const made = [await nameOf('/health'), await nameOf('/nowhere', { 'x-request-id': '' })]
    for (const name of made) expect(name).toMatch(/^[0-9a-f-]{36}$/)
    expect(made[0]).not.toBe(made[1])
  })

  test('has pages of its own that are only read', async () => {
    const { url } = await serve({ routes: [echo] })
    for (const path of ['/health', '/healthz', '/metrics']) {
      const by = async (method: string) => {
        const { status, headers } = await fetch(url + path, { method })
        return [status, headers.get('allow')]
      }
      expect(await by('HEAD')).toEqual([200, null])
      expect(await by('OPTIONS')).toEqual([204, 'GET, HEAD, OPTIONS'])
      expect(await by('POST')).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
  })

  test('refuses a body that is no JSON object, of another type, or too large', async () => {
    const { url } = await serve({ routes: [echo], settings: { bodyBytesMax: 1_000 } })
    const statusFor = async (body: string, type?: string) =>
      (await post(`${url}/echo`, body, type)).status
    expect(await statusFor('{"a":')).toBe(400)
    expect(await statusFor('[]')).toBe(400)
    expect(await statusFor('')).toBe(400)
    expect(await statusFor('a=1', 'text/plain')).toBe(415)
    expect((await fetch(`${url}/echo`, { method: 'POST' })).status).toBe(201)
    expect(await statusFor('{}', 'application/merge-patch+json; charset=utf-8')).toBe(201)
    expect(await statusFor(JSON.stringify({ a: 'x'.repeat(992) }))).toBe(201)
    expect(await statusFor(JSON.stringify({ a: 'x'.repeat(993) }))).toBe(413)
  })

  test('says health before and after, and counts what it answered by route', async () => {
    const { url } = await serve({ routes: [echo] })
    expect((await fetch(`${url}/health`)).status).toBe(200)
    await post(`${url}/echo`, '{}')
    const text = await (await fetch(`${url}/metrics`)).text()
    const counted = /^http_server_request_duration_seconds_count\{(.*http_route="\/echo".*)\} 1$/m
    const labels = counted.exec(text)?.[1]?.split(',').sort()
    expect(labels).toEqual([
      ...['http_request_method="POST"', 'http_response_status_code="201"', 'http_route="/echo"'],
      'service_name="test"',
    ])
    expect(text).toContain('nodejs_eventloop_delay_p99_seconds')
  })

  test('hides its own mistakes behind a 500 problem document', async () => {
    const handle = () => {
      throw new RangeError('an index of ours')
    }
    const { url } = await serve({ routes: [{ method: 'GET', path: '/', handle }] })
    const answer = await fetch(url)
    expect(answer.status).toBe(500)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.text()).not.toContain('index')
  })
})

describe('calls to another service', () => {
  test('carry trace context and request ids on, and nothing private', async () => {
    const seen: IncomingMessage['headers'][] = []
    const peer = await startTestServer((incoming, outgoing) => {
      seen.push(incoming.headers)
      outgoing.end('{}')
    })
    const { url } = await serve({ routes: [callPeer('GET')], peer })
    const headers = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'a=1',
      baggage: 'run=7',
      'x-request-id': 'r-1',
    }
    await fetch(`${url}/call`, {
      headers: { ...headers, authorization: 'Bearer t', cookie: 'c=1' },
    })
    expect(seen[0]).toMatchObject(headers)
    expect(seen[0]).not.toHaveProperty('authorization')
    expect(seen[0]).not.toHaveProperty('cookie')
  })

  test('are tried again for GET, as often as the settings say', async () => {
    let calls = 0
    const peer = await startTestServer((_, outgoing) => {
      calls += 1
      outgoing.statusCode = calls < 3 ? 503 : 200
      outgoing.end('{"ok":true}')
    })
    const { url } = await serve({ routes: [callPeer('GET')], peer, settings: { callRetries: 2 } })
    expect(await (await fetch(`${url}/call`)).json()).toEqual({ ok: true })
    expect(calls).toBe(3)
  })

  test('are never tried again for POST', async () => {
    let calls = 0
    const peer = await startTestServer((_, outgoing) => {
      calls += 1
      outgoing.statusCode = 503
      outgoing.end()
    })
    const { url } = await serve({ routes: [callPeer('POST')], peer, settings: { callRetries: 2 } })
    expect((await post(`${url}/call`, '')).status).toBe(503)
    expect(calls).toBe(1)
  })

  test('pass a refusal on with its reason', async () => {
    const refuse = () => {
      throw new Problem(409, 'out of stock')
    }
    const { url: peer } = await serve({ routes: [{ method: 'GET', path: '/x', handle: refuse }] })
    const { url } = await serve({ routes: [callPeer('GET')], peer })
    const answer = await fetch(`${url}/call`)
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ detail: 'out of stock', instance: '/call' })
  })

  test('become 502 when nobody listens and 504 when the answer does not come', async () => {
    const nobody = await serve({ routes: [callPeer('GET')], peer: 'http://127.0.0.1:1' })
    expect((await fetch(`${nobody.url}/call`)).status).toBe(502)
    const silent = await startTestServer(() => undefined)
    const settings = { callTimeoutMs: 30 }
    const waiting = await serve({ routes: [callPeer('GET')], peer: silent, settings })
    expect((await fetch(`${waiting.url}/call`)).status).toBe(504)
  })

  test('beyond the connections and the queue are refused with 503 and counted', async () => {
    const held: (() => void)[] = []
    const peer = await startTestServer((_, outgoing) => {
      held.push(() => outgoing.end('{}'))
    })
    const settings = { callConnectionsMax: 1, callPendingMax: 1, callRetries: 0 }
    const { url, metrics } = await serve({ routes: [callPeer('GET')], peer, settings })
    const statuses = [1, 2, 3].map(async () => (await fetch(`${url}/call`)).status)
    // One holds the only connection, one waits for it, the third is refused at once.
    expect(await Promise.race(statuses)).toBe(503)
    const finished = Promise.all(statuses)
    const release = setInterval(() => held.splice(0).forEach(answer => answer()), 1)
    expect((await finished).sort()).toEqual([200, 200, 503])
    clearInterval(release)
    const overflows = await metrics.clientOverflows.get()
    expect(overflows.values).toEqual([{ labels: { server_address: 'peer' }, value: 1 }])
  })
})

describe('settings that make a service worse', () => {
  test('so many requests are worked on at once, the others wait in its queue', async () => {
    const held: (() => void)[] = []
    const settings = { requestsAtOnceMax: 1 }
    const { url, metrics } = await serve({
      settings,
      routes: [
        {
          method: 'GET',
          path: '/held',
          handle: () =>
            new Promise(resolve => held.push(() => resolve({ status: 200, body: held.length }))),
        },
      ],
    })
    const queued = async () => {
      const name = 'http_server_queued_requests'
      return (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value
    }
    const answers = [fetch(`${url}/held`), fetch(`${url}/held`)]
    await vi.waitFor(async () => expect([held.length, await queued()]).toEqual([1, 1]))
    // Its health does not wait.
    expect((await fetch(`${url}/health`)).status).toBe(200)
    held[0]!()
    await vi.waitFor(() => expect(held).toHaveLength(2))
    held[1]!()
    expect((await Promise.all(answers)).map(answer => answer.status)).toEqual([200, 200])
    expect(await queued()).toBe(0)
  })

  test('a service that tells nothing has no metrics page', async () => {
    const { url } = await serve({ routes: [echo], settings: { instrumented: false } })
    expect((await fetch(`${url}/metrics`)).status).toBe(404)
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })
})
