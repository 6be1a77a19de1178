import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { OtlpReceiver, type ReceivedSpan } from '../demo/src/kit/telemetry/otlp-receiver.ts'
import type { ShopReady } from '../demo/src/protocol.ts'
import { forkShop, leavesNothing, readyFrom } from './shop-process.ts'

const receiver = new OtlpReceiver()
let shop: ReturnType<typeof forkShop>
let ready: ShopReady
beforeAll(async () => {
  shop = forkShop({ OTEL_EXPORTER_OTLP_ENDPOINT: await receiver.listen() })
  ready = await readyFrom(shop)
}, 60_000)
afterAll(async () => {
  shop.disconnect()
  await leavesNothing(ready)
  receiver.stop()
}, 60_000)

/** A request as a client with a trace of its own makes it. */
async function traced(call: {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly token?: string
  readonly flags?: '00' | '01'
}) {
  const { method, path, body, token, flags = '01' } = call
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  const answer = await fetch(ready.url + path, {
    method,
    headers: {
      traceparent: `00-${traceId}-${spanId}-${flags}`,
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const said = (await answer.json()) as Record<string, string>
  return { status: answer.status, said, traceId, spanId }
}

const spansOf = (traceId: string) => receiver.spans.filter(span => span.traceId === traceId)

/** Somebody else's system: a trace ends at its door. */
const foreign = 'bank'

/**
 * The spans of a trace once those of all processes have come: each has its parent, and each call
 * of a service has the span of the one that answered.
 */
async function wholeTrace(traceId: string, clientSpanId: string): Promise<ReceivedSpan[]> {
  return vi.waitFor(
    () => {
      const spans = spansOf(traceId)
      const ids = new Set([clientSpanId, ...spans.map(span => span.spanId)])
      expect(spans.filter(span => !ids.has(span.parentSpanId ?? ''))).toEqual([])
      expect(spans.filter(span => span.parentSpanId === clientSpanId)).toHaveLength(1)
      const calls = spans.filter(
        ({ kind, attributes }) =>
          kind === 'client' &&
          'http.request.method' in attributes &&
          attributes['server.address'] !== foreign,
      )
      const parents = new Set(spans.map(span => span.parentSpanId))
      expect(calls.filter(call => !parents.has(call.spanId))).toEqual([])
      return spans
    },
    { timeout: 15_000, interval: 50 },
  )
}

test('a checkout is one connected trace through at least six services', async () => {
  const login = { email: 'tracer@example.com', password: 'P@ssword123!' }
  const { said: session } = await traced({ method: 'POST', path: '/api/auth/login', body: login })
  const token = session['access_token'] ?? ''
  const { said: cart } = await traced({
    ...{ method: 'POST', path: '/api/v1/cart', token, body: { currency: 'USD', region: 'us' } },
  })
  const cartId = cart['cart_id'] ?? ''
  const item = { sku: 'sku-1001', quantity: 1 }
  const added = await traced({
    ...{ method: 'POST', path: `/api/v1/cart/${cartId}/items`, token, body: item },
  })
  expect(added.status).toBe(201)
  const order = {
    cart_id: cartId,
    shipping_address: { street: '1 Main St', city: 'Springfield', zip: '12345', country: 'US' },
    payment_method: 'card',
  }
  const paid = await traced({ method: 'POST', path: '/api/v1/checkout', token, body: order })
  expect(paid.status).toBe(201)

  const spans = await wholeTrace(paid.traceId, paid.spanId)
  const services = new Set(spans.map(span => span.service))
  expect(services.size).toBeGreaterThanOrEqual(6)
  expect([...services]).toEqual(
    expect.arrayContaining(['gateway', 'order', 'cart', 'pricing', 'inventory', 'payment']),
  )
  expect(services).not.toContain(foreign)
  const root = spans.find(span => span.parentSpanId === paid.spanId)
  expect(root).toMatchObject({ service: 'gateway', kind: 'server', name: 'POST /api/v1/checkout' })
  const parents = new Map(spans.map(span => [span.spanId, span]))
  for (const span of spans) {
    const parent = parents.get(span.parentSpanId ?? '')
    if (span.kind === 'server' && span !== root) expect(parent?.kind).toBe('client')
    if (span.kind === 'server' && span !== root) expect(parent?.service).not.toBe(span.service)
    if (span.kind === 'client') expect(parent?.service).toBe(span.service)
  }
  const database = spans.filter(span => span.attributes['db.system.name'] === 'postgresql')
  const operations = database.map(span => span.attributes['db.operation.name'])
  expect(operations).toEqual(expect.arrayContaining(['select', 'insert', 'begin', 'commit']))
})

test('what a client does not sample is not traced by anybody', async () => {
  const path = '/api/v1/products'
  const hidden = await traced({ method: 'GET', path, flags: '00' })
  const shown = await traced({ method: 'GET', path })
  expect([hidden.status, shown.status]).toEqual([200, 200])
  await wholeTrace(shown.traceId, shown.spanId)
  expect(spansOf(hidden.traceId)).toEqual([])
})
