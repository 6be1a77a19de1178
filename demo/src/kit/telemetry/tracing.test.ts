import type { IncomingHttpHeaders } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { TelemetryOptions } from '../../protocol.ts'
import { Peers } from '../calls/peers.ts'
import { Database } from '../data/database.ts'
import type { Route } from '../http/router.ts'
import { ServiceServer } from '../http/server.ts'
import type { Handler } from '../service.ts'
import { serviceSettings, type ServiceSettings } from '../settings.ts'
import { startTestServer } from '../test-server.ts'
import { ServiceMetrics } from './metrics.ts'
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts'
import { openTelemetry, type Telemetry } from './telemetry.ts'

const ends: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const traceId = '0af7651916cd43dd8448eb211c80319c'
const callerId = 'b7ad6b7169203331'
const sampled = { traceparent: `00-${traceId}-${callerId}-01` }
const unsampled = { traceparent: `00-${traceId}-${callerId}-00` }

interface Started {
  readonly url: string
  readonly telemetry: Telemetry
  readonly metrics: ServiceMetrics
}

interface StartOptions {
  readonly name: string
  readonly routes: readonly Route<Handler>[]
  readonly peer?: string
  readonly settings?: Partial<ServiceSettings>
  readonly telemetry?: Partial<TelemetryOptions>
  readonly foreign?: boolean
}

/** A real service on a free port whose only peer is called 'next'. */
async function start(options: StartOptions): Promise<Started> {
  const { name, routes, peer } = options
  const settings = serviceSettings({ callRetryPauseMs: 0, ...options.settings })
  const metrics = new ServiceMetrics(name)
  const server = new ServiceServer({ name, settings, metrics })
  const url = await server.listen(0)
  const given = { sampleRatio: 1, b3: false, requestLog: false, ...options.telemetry }
  const identity = { id: `${name}-7`, version: 'canary-v2' }
  const { foreign } = options
  const asked = { service: name, identity, metrics, options: given, foreign }
  const telemetry = await openTelemetry(asked)
  const address = { connectionString: 'postgres://shop@127.0.0.1:1/base' }
  const database = new Database({ address, schema: 'shop_test', settings, metrics })
  const peers = new Peers({ addresses: { next: { url: peer ?? url } }, settings, metrics })
  const { tracing } = telemetry
  server.attach({ version: 'canary-v2', routes, database, peers, tracing })
  ends.push(
    () => telemetry.stop(),
    () => database.end(),
    () => peers.end(),
    () => server.stop(),
  )
  return { url, telemetry, metrics }
}

async function collector(
  answers?: ConstructorParameters<typeof OtlpReceiver>[0],
): Promise<{ otlpUrl: string; receiver: OtlpReceiver }> {
  const receiver = new OtlpReceiver(answers)
  const otlpUrl = await receiver.listen()
  ends.push(() => receiver.stop())
  return { otlpUrl, receiver }
}

const hello: Route<Handler> = {
  method: 'GET',
  path: '/items/:id',
  handle: () => ({ status: 200, body: {} }),
}

const callNext: Route<Handler> = {
  method: 'GET',
  path: '/call/:id',
  handle: async request => {
    await request.call({ peer: 'next', method: 'GET', path: `/items/${request.param('id')}` })
    return { status: 200, body: {} }
  },
}

const byKind = (spans: readonly ReceivedSpan[], service: string, kind: string) =>
  spans.filter(span => span.service === service && span.kind === kind)

describe('the spans of a request', () => {
  test('are one chain from the client through two services', async () => {
    const { otlpUrl, receiver } = await collector()
    const back = await start({ name: 'back', routes: [hello], telemetry: { otlpUrl } })
    const front = await start({
      ...{ name: 'front', routes: [callNext], peer: back.url, telemetry: { otlpUrl } },
    })
    await fetch(`${front.url}/call/7?a=1`, { headers: { ...sampled, 'user-agent': 'tester' } })
    await Promise.all([front.telemetry.stop(), back.telemetry.stop()])
    const [first, ...more] = byKind(receiver.spans, 'front', 'server')
    const [call] = byKind(receiver.spans, 'front', 'client')
    const [second] = byKind(receiver.spans, 'back', 'server')
    expect(more).toEqual([])
    expect(receiver.spans).toHaveLength(3)
    expect(new Set(receiver.spans.map(span => span.traceId))).toEqual(new Set([traceId]))
    expect(first?.parentSpanId).toBe(callerId)
    expect(call?.parentSpanId).toBe(first?.spanId)
    expect(second?.parentSpanId).toBe(call?.spanId)
    expect(first?.name).toBe('GET /call/:id')
    expect(first?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/call/:id',
      'http.response.status_code': 200,
      'url.path': '/call/7',
      'url.query': 'a=1',
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(front.url).port),
      'user_agent.original': 'tester',
    })
    expect(call?.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': 'next',
      'server.port': Number(new URL(back.url).port),
    })
    expect(call?.attributes).not.toHaveProperty('http.request.resend_count')
    expect(call?.events[0]?.name).toBe('http.client.connection.acquired')
    expect(first?.resource).toMatchObject({
      'service.name': 'front',
      'service.version': 'canary-v2',
      'service.instance.id': 'front-7',
      'deployment.environment.name': 'demo',
      'process.pid': process.pid,
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    })
    // One process made all of them, so its clock orders them.
    expect(call!.startUnixMs).toBeGreaterThanOrEqual(first!.startUnixMs)
    expect(second!.startUnixMs).toBeGreaterThanOrEqual(call!.startUnixMs)
    expect(first!.endUnixMs).toBeGreaterThanOrEqual(call!.endUnixMs)
  })

  test('count the tries of a call, each a span with its outcome', async () => {
    const { otlpUrl, receiver } = await collector()
    let calls = 0
    const peer = await startTestServer((_, outgoing) => {
      calls += 1
      outgoing.statusCode = calls < 3 ? 503 : 200
      outgoing.end('{}')
    })
    const settings = { callRetries: 2 }
    const telemetry = { otlpUrl }
    const front = await start({ name: 'front', routes: [callNext], peer, settings, telemetry })
    await fetch(`${front.url}/call/7`, { headers: sampled })
    await front.telemetry.stop()
    const tries = byKind(receiver.spans, 'front', 'client')
    const resend = tries.map(span => span.attributes['http.request.resend_count'])
    expect(resend).toEqual([undefined, 1, 2])
    expect(tries.map(span => span.attributes['error.type'])).toEqual(['503', '503', undefined])
    expect(tries.map(span => span.isError)).toEqual([true, true, false])
  })

  test('name what kept a call from being answered, and a 5xx is an error', async () => {
    const { otlpUrl, receiver } = await collector()
    const telemetry = { otlpUrl }
    const refused = 'http://127.0.0.1:1'
    const settings = { callRetries: 0, callTimeoutMs: 30 }
    const silent = await startTestServer(() => undefined)
    const one = await start({ name: 'one', routes: [callNext], peer: refused, settings, telemetry })
    const two = await start({ name: 'two', routes: [callNext], peer: silent, settings, telemetry })
    expect((await fetch(`${one.url}/call/7`)).status).toBe(502)
    expect((await fetch(`${two.url}/call/7`)).status).toBe(504)
    await Promise.all([one.telemetry.stop(), two.telemetry.stop()])
    const errorOf = (service: string, kind: string) =>
      byKind(receiver.spans, service, kind).map(span => span.attributes['error.type'])
    expect(errorOf('one', 'client')).toEqual(['ECONNREFUSED'])
    expect(errorOf('one', 'server')).toEqual(['502'])
    expect(errorOf('two', 'client')).toEqual(['timeout'])
    expect(errorOf('two', 'server')).toEqual(['504'])
  })

  test('are not made for pages that are asked for all the time', async () => {
    const { otlpUrl, receiver } = await collector()
    const { url, telemetry } = await start({ name: 'a', routes: [hello], telemetry: { otlpUrl } })
    for (const path of ['/health', '/metrics', '/items/7', '/nowhere']) await fetch(url + path)
    await telemetry.stop()
    const names = receiver.spans.map(span => span.name).sort()
    expect(names).toEqual(['GET', 'GET /items/:id'])
  })
})

describe('sampling', () => {
  test("is the caller's decision, and is passed on", async () => {
    const { otlpUrl, receiver } = await collector()
    const seen: IncomingHttpHeaders[] = []
    const peer = await startTestServer((incoming, outgoing) => {
      seen.push(incoming.headers)
      outgoing.end('{}')
    })
    const telemetry = { otlpUrl, sampleRatio: 1 }
    const front = await start({ name: 'front', routes: [callNext], peer, telemetry })
    await fetch(`${front.url}/call/7`, { headers: unsampled })
    await front.telemetry.stop()
    expect(receiver.spans).toEqual([])
    expect(seen[0]?.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
  })

  test('keeps the given share of new traces, and all that a caller samples', async () => {
    const { otlpUrl, receiver } = await collector()
    const telemetry = { otlpUrl, sampleRatio: 0 }
    const { url, telemetry: told } = await start({ name: 'a', routes: [hello], telemetry })
    await fetch(`${url}/items/1`)
    await fetch(`${url}/items/2`, { headers: sampled })
    await told.stop()
    expect(receiver.spans.map(span => span.attributes['url.path'])).toEqual(['/items/2'])
  })
})

describe('trace headers', () => {
  const passed = async (
    headers: Record<string, string>,
    telemetry: Partial<TelemetryOptions>,
    foreign = false,
  ) => {
    const seen: IncomingHttpHeaders[] = []
    const peer = await startTestServer((incoming, outgoing) => {
      seen.push(incoming.headers)
      outgoing.end('{}')
    })
    const front = await start({ name: 'front', routes: [callNext], peer, telemetry, foreign })
    await fetch(`${front.url}/call/7`, { headers })
    await front.telemetry.stop()
    return seen[0] ?? {}
  }

  test('take state and baggage along', async () => {
    const { otlpUrl } = await collector()
    const more = { tracestate: 'vendor=1', baggage: 'synthetic_request=true' }
    expect(await passed({ ...sampled, ...more }, { otlpUrl })).toMatchObject(more)
  })

  test('lose the state of a parent that is not valid', async () => {
    const { otlpUrl } = await collector()
    const broken = { traceparent: '00-nonsense-01', tracestate: 'vendor=1' }
    const seen = await passed(broken, { otlpUrl })
    expect(seen.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(seen).not.toHaveProperty('tracestate')
  })

  test('of B3 are read and written, one or several, when it is asked for', async () => {
    const { otlpUrl, receiver } = await collector()
    const several: Record<string, string> = {
      'x-b3-traceid': traceId,
      'x-b3-spanid': callerId,
      'x-b3-sampled': '1',
    }
    const one: Record<string, string> = { b3: `${traceId}-${callerId}-1` }
    for (const headers of [one, several]) {
      const seen = await passed(headers, { otlpUrl, b3: true })
      const [, , spanId = ''] = String(seen['traceparent']).split('-')
      expect(seen.traceparent).toBe(`00-${traceId}-${spanId}-01`)
      expect(seen['b3']).toBe(`${traceId}-${spanId}-1`)
      expect(seen['x-b3-traceid']).toBe(traceId)
      expect(seen['x-b3-spanid']).toBe(spanId)
      expect(seen['x-b3-sampled']).toBe('1')
    }
    const parents = byKind(receiver.spans, 'front', 'server').map(span => span.parentSpanId)
    expect(parents).toEqual([callerId, callerId])
  })

  test('pass through unchanged without a collector, and through a foreign service', async () => {
    expect(await passed(sampled, {})).toMatchObject(sampled)
    const { otlpUrl, receiver } = await collector()
    expect(await passed(sampled, { otlpUrl }, true)).toMatchObject(sampled)
    expect(receiver.requestHeaders).toEqual([])
  })
})

test('a message is worked below the step that queued it, and linked to that', async () => {
  const { otlpUrl, receiver } = await collector()
  let kept: Record<string, string> = {}
  const enqueue: Route<Handler> = {
    method: 'POST',
    path: '/messages',
    handle: async request => {
      await request.produce('mails', async headers => (kept = headers))
      return { status: 202 }
    },
  }
  const { url, telemetry } = await start({ name: 'a', routes: [enqueue], telemetry: { otlpUrl } })
  const headers = { ...sampled, 'x-request-id': 'r-1' }
  expect((await fetch(`${url}/messages`, { method: 'POST', headers })).status).toBe(202)
  const span = telemetry.tracing.consume({ destination: 'mails', id: '5', headers: kept })
  span.end()
  await telemetry.stop()
  const [server] = byKind(receiver.spans, 'a', 'server')
  const [sent] = byKind(receiver.spans, 'a', 'producer')
  const [worked] = byKind(receiver.spans, 'a', 'consumer')
  expect(kept['x-request-id']).toBe('r-1')
  expect(sent).toMatchObject({ name: 'send mails', parentSpanId: server?.spanId, traceId })
  expect(worked).toMatchObject({ name: 'process mails', parentSpanId: sent?.spanId, traceId })
  expect(worked?.links).toEqual([{ traceId, spanId: sent?.spanId }])
  expect(worked?.attributes).toEqual({
    'messaging.system': 'postgresql',
    'messaging.destination.name': 'mails',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.message.id': '5',
  })
})

describe('a collector in trouble', () => {
  test('that hangs does not hold up the end of the service', async () => {
    const { otlpUrl, receiver } = await collector('never')
    const { url, telemetry } = await start({ name: 'a', routes: [hello], telemetry: { otlpUrl } })
    await fetch(`${url}/items/1`)
    // The collector never answers: without a limit this would not end within the test's time.
    await telemetry.stop()
    expect(receiver.requestHeaders).toHaveLength(1)
  })

  test('costs its spans, which are counted, and one line of the log, but no request', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    ends.push(() => errors.mockRestore())
    const { otlpUrl } = await collector('refused')
    const { url, metrics } = await start({ name: 'a', routes: [hello], telemetry: { otlpUrl } })
    const lost = async () => {
      const { values } = await metrics.spansProcessed.get()
      return values.map(({ labels, value }) => [labels['error_type'], value])
    }
    for (const requests of [1, 2]) {
      expect((await fetch(`${url}/items/1`)).status).toBe(200)
      const expected = [['OTLPExporterError', requests]]
      await vi.waitFor(async () => expect(await lost()).toEqual(expected), { timeout: 10_000 })
    }
    expect(errors.mock.calls).toHaveLength(1)
    expect(String(errors.mock.calls[0])).toMatch(/^a: traces cannot be sent: /)
  })

  test('that is too slow costs the spans beyond the queue, and they are counted', async () => {
    const { otlpUrl } = await collector('never')
    const { telemetry, metrics } = await start({ name: 'a', routes: [], telemetry: { otlpUrl } })
    // One batch of 512 is on its way and 4,096 wait; the other 92 are lost.
    for (let index = 0; index < 4_700; index += 1) telemetry.tracing.serve('GET', {}).end()
    const { values } = await metrics.spansProcessed.get()
    expect(values).toEqual([{ labels: { error_type: 'queue_full' }, value: 92 }])
  })
})
