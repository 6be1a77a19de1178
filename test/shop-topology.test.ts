import { expect, test, vi } from 'vitest'
import type { ReceivedSpan } from '../demo/src/kit/telemetry/otlp-receiver.ts'
import { gatewayRoutes } from '../demo/src/services/gateway/routes.ts'
import { callGraph } from '../demo/src/shop/call-graph.ts'
import { foreign, isCall, tracedShop, type TracedAnswer, type TracedCall } from './traced-shop.ts'

const shop = tracedShop()

const address = { street: '1 Main St', city: 'Springfield', zip: '12345', country: 'US' }
const customer = { email: 'loadtest+7@example.com', password: 'P@ssword123!' }
const uploadKey = { 'x-api-key': 'demo-serverless-key-123456' }
const reportKey = { authorization: 'Api-Key lf_demo_cloudnative_api_key' }

/** Every call of the public API once, as one visitor after another makes them. */
class Tour {
  readonly answers: TracedAnswer[] = []
  /** 'GET /api/orders/:id', as the gateway's table has them. */
  readonly routes = new Set<string>()

  /** `route` is a line of the gateway's table; `to` has its values in place. */
  async ask(route: string, options: Omit<TracedCall, 'method' | 'path'> & { to?: string } = {}) {
    const [method = '', path = ''] = route.split(' ')
    const { to = path, ...call } = options
    const answer = await shop.ask({ ...call, method, path: to })
    expect(answer.status, `${route} said ${JSON.stringify(answer.said)}`).toBeLessThan(300)
    this.routes.add(route)
    this.answers.push(answer)
    return answer.said
  }

  async browse(): Promise<void> {
    for (const path of ['/api/catalog', '/api/v1/catalog', '/api/v1']) {
      await this.ask(`GET ${path}/products`)
      await this.ask(`GET ${path}/products/:sku`, { to: `${path}/products/sku-2500` })
    }
    await this.ask('GET /products')
    await this.ask('GET /api/v1/search', { to: '/api/v1/search?q=lamp' })
    const recommended = '/api/v1/recommendations?product_id=sku-2500'
    await this.ask('GET /api/v1/recommendations', { to: recommended })
  }

  async buy(): Promise<void> {
    const { access_token: token = '' } = await this.ask('POST /api/auth/login', { body: customer })
    await this.ask('POST /api/v1/auth/login', { body: { ...customer, client_id: 'app' } })
    const form = { grant_type: 'password', client_id: 'app', username: 'tour' }
    const body = new URLSearchParams({ ...form, password: 'P@ssw0rd-LoadTest!' })
    await this.ask('POST /auth/realms/shop/protocol/openid-connect/token', { body })

    const item = { productId: 'sku-2501', quantity: 1 }
    await this.ask('POST /api/cart/items', { token, body: item })
    await this.ask('POST /api/v1/cart/items', { token, body: { ...item, currency: 'USD' } })
    const { cart_id: cartId = '' } = await this.ask('GET /api/cart', { token })
    await this.ask('POST /api/checkout/shipping', { token, body: address })
    const card = { paymentMethod: 'card', cardToken: 'tok_visa', billingZip: '12345' }
    await this.ask('POST /api/checkout/payment', { token, body: card })
    await this.ask('POST /api/orders', { token, body: { cartId, currency: 'USD' } })
    for (const path of ['/api/v1/orders', '/api/v1/checkout']) await this.#orderAsGuest(path)
  }

  async #orderAsGuest(path: string): Promise<void> {
    const made = await this.ask('POST /api/v1/cart', { body: { currency: 'USD', region: 'us' } })
    const { cart_id: cartId = '' } = made
    const to = `/api/v1/cart/${cartId}/items`
    await this.ask('POST /api/v1/cart/:id/items', { to, body: { sku: 'sku-2502', quantity: 2 } })
    const body = { cart_id: cartId, shipping_address: address, payment_method: 'card' }
    await this.ask(`POST ${path}`, { body })
  }

  async lookBack(): Promise<void> {
    const { access_token: token = '', user_id: userId = '' } = await this.ask(
      'POST /api/auth/login',
      { body: customer },
    )
    const include = 'limit=5&include=items,payments,shipments'
    await this.ask('GET /api/orders', { token, to: `/api/orders?${include}` })
    await this.ask('GET /api/v1/orders', { to: `/api/v1/orders?user_id=${userId}&${include}` })
    await this.ask('GET /api/orders/:id', { to: '/api/orders/ord-784512' })
    const to = '/api/shipments/trk-UPS-10001/events'
    await this.ask('GET /api/shipments/:id/events', { to })
  }

  async chain(): Promise<void> {
    const { id: userId } = await this.ask('POST /users', { body: { username: 'tour' } })
    const order = { user_id: userId, item: 'sku-2503' }
    const { id: orderId } = await this.ask('POST /orders', { body: order })
    await this.ask('POST /payments', { body: { order_id: orderId, amount: 20 } })
    const items = [{ sku: 'sku-2504', quantity: 1 }]
    const body = { order_id: orderId, items, warehouse_region: 'us' }
    await this.ask('POST /api/v1/inventory/reservations', { body })
  }

  async work(): Promise<void> {
    const asked = await this.ask('POST /api/v1/reports/usage', { headers: reportKey, body: {} })
    const job = `/api/v1/jobs/${asked['job_id']}`
    await this.ask('GET /api/v1/jobs')
    await this.ask('GET /api/v1/jobs/:id', { to: job })
    await this.ask('GET /api/v1/jobs/:id/result', { to: `${job}/result` })

    const wanted = { file_name: 'a.txt', content_type: 'text/plain', document_type: 'receipt' }
    const signed = await this.ask('POST /api/v1/uploads/presign', {
      ...{ headers: uploadKey, body: wanted },
    })
    const file = new FormData()
    file.append('file', new Blob(['one line of text']), 'a.txt')
    await shop.ask({ method: 'POST', path: signed['upload_url'] ?? '', body: file })
    const process = { file_id: signed['file_id'], pipeline: 'standard' }
    const made = await this.ask('POST /api/v1/documents/process', { body: process })
    await this.ask('GET /api/v1/documents')
    const to = `/api/v1/documents/${made['document_id']}`
    await this.ask('GET /api/v1/documents/:id', { to })
  }
}

/** 'gateway -http-> catalog' for each call, statement and message in a trace. */
function edgesOf(spans: readonly ReceivedSpan[]): string[] {
  const byId = new Map(spans.map(span => [span.spanId, span]))
  return spans.flatMap(span => {
    const { service, kind, attributes } = span
    const caller = byId.get(span.parentSpanId ?? '')
    if (kind === 'server' && caller) return [edge(caller.service, service, 'http')]
    if (kind === 'consumer' && caller) return [edge(caller.service, service, 'queue')]
    if ('db.system.name' in attributes) return [edge(service, 'postgres', 'database')]
    const isForeign = isCall(span) && attributes['server.address'] === foreign
    return isForeign ? [edge(service, foreign, 'http')] : []
  })
}

const edge = (from: string, to: string, kind: string) => `${from} -${kind}-> ${to}`

test('the call graph is what traces of all public calls show, no more and no less', async () => {
  const tour = new Tour()
  await tour.browse()
  await tour.buy()
  await tour.lookBack()
  await tour.chain()
  await tour.work()
  const published = gatewayRoutes.map(({ method, path }) => `${method} ${path}`)
  expect([...tour.routes].sort()).toEqual(published.sort())

  const drawn = callGraph.map(({ from, to, kind }) => edge(from, to, kind)).sort()
  await vi.waitFor(
    async () => {
      const traces = await Promise.all(tour.answers.map(shop.wholeTrace))
      expect([...new Set(traces.flatMap(edgesOf))].sort()).toEqual(drawn)
    },
    { timeout: 30_000, interval: 200 },
  )
})
