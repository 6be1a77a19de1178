import { expect, test } from 'vitest'
import { foreign, tracedShop } from './traced-shop.ts'

const shop = tracedShop()

test('a checkout is one connected trace through at least six services', async () => {
  const login = { email: 'tracer@example.com', password: 'P@ssword123!' }
  const { said: session } = await shop.ask({ method: 'POST', path: '/api/auth/login', body: login })
  const token = session['access_token'] ?? ''
  const { said: cart } = await shop.ask({
    ...{ method: 'POST', path: '/api/v1/cart', token, body: { currency: 'USD', region: 'us' } },
  })
  const cartId = cart['cart_id'] ?? ''
  const item = { sku: 'sku-1001', quantity: 1 }
  const added = await shop.ask({
    ...{ method: 'POST', path: `/api/v1/cart/${cartId}/items`, token, body: item },
  })
  expect(added.status).toBe(201)
  const order = {
    cart_id: cartId,
    shipping_address: { street: '1 Main St', city: 'Springfield', zip: '12345', country: 'US' },
    payment_method: 'card',
  }
  const paid = await shop.ask({ method: 'POST', path: '/api/v1/checkout', token, body: order })
  expect(paid.status).toBe(201)

  const spans = await shop.wholeTrace(paid)
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
  const hidden = await shop.ask({ method: 'GET', path, flags: '00' })
  const shown = await shop.ask({ method: 'GET', path })
  expect([hidden.status, shown.status]).toEqual([200, 200])
  await shop.wholeTrace(shown)
  expect(shop.spansOf(hidden.traceId)).toEqual([])
})
