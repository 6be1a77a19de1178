import type { ChildProcess } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ShopReady } from '../demo/src/protocol.ts'
import { forkShop, leavesNothing, readyFrom } from './shop-process.ts'

type Json = Record<string, unknown>

let child: ChildProcess
let shop: ShopReady

beforeAll(async () => {
  child = forkShop()
  shop = await readyFrom(child)
})

afterAll(async () => {
  if (child.connected) child.disconnect()
  await leavesNothing(shop)
})

interface Asked {
  readonly json?: unknown
  readonly token?: string
  readonly headers?: Record<string, string>
}

async function ask(line: string, options: Asked = {}) {
  const [method = 'GET', path = '/'] = line.split(' ')
  const { json, token, headers } = options
  const answer = await fetch(path.startsWith('http') ? path : shop.url + path, {
    method,
    headers: {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  const text = await answer.text()
  const body = text === '' ? {} : (JSON.parse(text) as Json)
  return { status: answer.status, headers: answer.headers, body }
}

async function login(email = `loadtest+${randomUUID()}@example.com`): Promise<string> {
  const { status, body } = await ask('POST /api/auth/login', {
    json: { email, password: 'P@ssword123!' },
  })
  expect(status).toBe(200)
  return body['access_token'] as string
}

describe('browsing', () => {
  test('every spelling of the product list answers with prices and stock', async () => {
    for (const path of [
      '/api/catalog/products?category=books&page=2&pageSize=5&sort=price',
      '/api/v1/catalog/products?category=books&page=2&limit=5',
      '/api/v1/products?category=books&page=2&limit=5',
      '/products?category=books&limit=5&page=2',
    ]) {
      const { status, headers, body } = await ask(`GET ${path}`)
      expect(status).toBe(200)
      expect(headers.get('x-upstream-version')).toBe('stable')
      expect(headers.get('server-timing')).toMatch(/^gateway;dur=.*catalog;dur=.*to-pricing;dur=/)
      expect(body).toMatchObject({ page: 2, pageSize: 5 })
      const items = body['items'] as Json[]
      expect(items).toHaveLength(5)
      for (const item of items) {
        expect(item).toMatchObject({ category: 'books', currency: 'USD', in_stock: true })
        expect(item['price']).toBeGreaterThan(0)
      }
    }
  })

  test('sorting by price sorts by price', async () => {
    const { body } = await ask('GET /api/v1/products?sort=price&limit=100')
    const prices = (body['items'] as { price: number }[]).map(item => item.price)
    expect(prices).toEqual(prices.toSorted((a, b) => a - b))
  })

  test('the known products and the numbered ones are there, others are 404', async () => {
    const known = [
      ...['sku-1001', 'sku-1002', 'sku-1003', 'sku-1042', 'sku-1099', 'SKU-104583', 'SKU-204881'],
      ...['SKU-998120', 'SKU-100045', 'SKU-200112', 'SKU-300778', 'sku-2001', 'sku-4000'],
    ]
    for (const sku of known) {
      const { status, body } = await ask(`GET /api/catalog/products/${sku}`)
      expect([status, body['id']]).toEqual([200, sku])
    }
    expect((await ask('GET /api/v1/products/sku-1001')).status).toBe(200)
    expect((await ask('GET /api/v1/catalog/products/sku-1001')).status).toBe(200)
    const missing = await ask('GET /api/catalog/products/sku-1')
    expect(missing.status).toBe(404)
    expect(missing.headers.get('content-type')).toBe('application/problem+json')
    expect(missing.body).toMatchObject({ status: 404, instance: '/api/catalog/products/sku-1' })
  })

  test('health and metrics answer for the gateway and for every service', async () => {
    expect((await ask('GET /health')).status).toBe(200)
    expect((await ask('GET /healthz')).status).toBe(200)
    for (const { name, url } of shop.services) {
      expect((await ask(`GET ${url}/health`)).body).toMatchObject({ service: name })
      const metrics = await fetch(`${url}/metrics`)
      // The bank is somebody else's system: nobody but itself sees its numbers.
      if (name === 'bank') expect(metrics.status).toBe(404)
      else expect(await metrics.text()).toContain('process_cpu_seconds_total')
    }
  })
})

describe('signing in', () => {
  test('works in three ways and only with the right password', async () => {
    const json = { email: 'a@example.com', password: 'Str0ngP@ssw0rd!', client_id: 'web' }
    const v1 = await ask('POST /api/v1/auth/login', { json })
    expect(v1.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
    const form = { username: 'bob', client_id: 'web', grant_type: 'password' }
    const realm = (password: string) =>
      fetch(`${shop.url}/auth/realms/shop/protocol/openid-connect/token`, {
        method: 'POST',
        body: new URLSearchParams({ ...form, password }),
      })
    expect((await realm('P@ssw0rd-LoadTest!')).status).toBe(200)
    expect((await realm('P@ssword123!')).status).toBe(401)
    for (const wrong of [{ password: 'x' }, { email: 'a@elsewhere.org' }]) {
      const refused = await ask('POST /api/auth/login', { json: { ...json, ...wrong } })
      expect(refused.status).toBe(401)
    }
  })

  test('is needed for the cart: no token and a forged token are 401', async () => {
    const json = { productId: 'sku-1001', quantity: 1 }
    expect((await ask('POST /api/cart/items', { json })).status).toBe(401)
    const token = `${(await login()).slice(0, -6)}AAAAAA`
    const forged = await ask('POST /api/cart/items', { json, token })
    expect(forged.status).toBe(401)
    expect(forged.headers.get('content-type')).toBe('application/problem+json')
    // Nobody becomes another user by claiming so in a header.
    const headers = { 'x-user-id': 'usr-1' }
    expect((await ask('GET /api/cart', { headers })).status).toBe(401)
  })
})

describe('buying', () => {
  test('cart, shipping, payment, order: and the same order id is the same order', async () => {
    const token = await login()
    const added = await ask('POST /api/cart/items', {
      ...{ token, json: { productId: 'sku-1001', quantity: 2 } },
    })
    expect(added.status).toBe(201)
    const more = { product_id: 'SKU-104583', quantity: 1, currency: 'USD' }
    expect((await ask('POST /api/v1/cart/items', { token, json: more })).status).toBe(201)
    const cart = (await ask('GET /api/cart', { token })).body as {
      items: { quantity: number; unit_price: number }[]
      total: number
    }
    const sum = cart.items.reduce((total, item) => total + item.quantity * item.unit_price, 0)
    expect(cart.total).toBeCloseTo(sum, 6)

    const shipping = { address: { street: 'Main Street 1', zip: '10115' } }
    expect((await ask('POST /api/checkout/shipping', { token, json: shipping })).status).toBe(200)
    const payment = { paymentMethod: 'card', cardToken: 'tok_visa', billingZip: '10115' }
    expect((await ask('POST /api/checkout/payment', { token, json: payment })).status).toBe(200)

    const clientOrderId = randomUUID()
    const json = { cartId: added.body['cartId'], currency: 'USD', clientOrderId }
    const twice = await Promise.all([1, 2].map(() => ask('POST /api/orders', { token, json })))
    const again = await ask('POST /api/orders', { token, json })
    expect([...twice, again].map(answer => answer.status)).toEqual([201, 201, 201])
    expect(new Set([...twice, again].map(answer => answer.body['id'])).size).toBe(1)
    expect(again.body).toMatchObject({ status: 'confirmed', total: cart.total })

    const include = 'items,payments,shipments'
    const listed = await ask(`GET /api/orders?limit=5&include=${include}`, { token })
    const orders = listed.body['orders'] as Json[]
    expect(orders).toHaveLength(1)
    expect(orders[0]).toMatchObject({ id: again.body['id'], total: cart.total })
    expect(orders[0]?.['items']).toHaveLength(2)
    expect(orders[0]?.['payments']).toMatchObject([{ amount: cart.total, status: 'captured' }])
    expect((await ask('GET /api/cart', { token })).body['items']).toEqual([])
  })

  test('a guest buys with a cart of his own, once', async () => {
    const made = await ask('POST /api/v1/cart', { json: { currency: 'EUR', region: 'eu-west' } })
    expect(made.status).toBe(201)
    const cart_id = made.body['cart_id'] as string
    const item = { sku: 'SKU-204881', quantity: 1 }
    expect((await ask(`POST /api/v1/cart/${cart_id}/items`, { json: item })).status).toBe(201)
    const json = { cart_id, shipping_address: { zip: '1' }, payment_method: 'card' }
    const [first, second] = await Promise.all([
      ask('POST /api/v1/checkout', { json }),
      ask('POST /api/v1/orders', { json }),
    ])
    expect([first.status, second.status].sort()).toEqual([201, 409])
  })

  test('a declined card costs nothing: cart and stock are as before', async () => {
    const token = await login()
    const sku = 'sku-3999'
    const stock = async () => (await ask(`GET /api/v1/products/${sku}`)).body['stock']
    const before = await stock()
    const item = { productId: sku, quantity: 3 }
    const added = await ask('POST /api/cart/items', { token, json: item })
    const json = {
      ...{ cart_id: added.body['cart_id'], shipping_address: 'here' },
      payment_method: { token: 'tok_chargeDeclined' },
    }
    expect((await ask('POST /api/v1/orders', { token, json })).status).toBe(402)
    expect(await stock()).toBe(before)
    const cart = await ask('GET /api/cart', { token })
    expect(cart.body['items']).toMatchObject([{ sku, quantity: 3 }])
    const good = await ask('POST /api/v1/orders', {
      token,
      json: { ...json, payment_method: 'card' },
    })
    expect(good.status).toBe(201)
    expect(await stock()).toBe((before as number) - 3)
  })

  test('users, orders and payments chain without a token', async () => {
    const user = await ask('POST /users', { json: { username: 'testuser' } })
    expect(user.status).toBe(201)
    const order = await ask('POST /orders', { json: { user_id: user.body['id'], item: 'widget' } })
    expect(order.status).toBe(201)
    const json = { order_id: order.body['id'], amount: 10 }
    expect((await ask('POST /payments', { json })).status).toBe(200)
    const listed = await ask(`GET /api/v1/orders?user_id=${String(user.body['id'])}&limit=10`)
    expect(listed.body['orders']).toMatchObject([{ id: order.body['id'] }])
  })

  test('the known orders are there, and old customers have a history', async () => {
    for (const id of ['ord-784512', 'ord-784513', 'ord-784514', 'ord-784515']) {
      expect((await ask(`GET /api/orders/${id}`)).body).toMatchObject({ id, status: 'shipped' })
    }
    expect((await ask('GET /api/orders/ord-1')).status).toBe(404)
    const token = await login('loadtest+7@example.com')
    const history = await ask('GET /api/orders?include=items', { token })
    expect(history.body['orders']).toHaveLength(6)
  })

  test('stock is never sold twice, however many want it at once', async () => {
    const buyers = Array.from({ length: 150 }, (_, index) =>
      ask('POST /api/v1/inventory/reservations', {
        json: {
          order_id: `ord-test-${index}`,
          items: [{ sku: 'SKU-LIMITED', quantity: 1 }],
          warehouse_region: 'eu-west',
        },
      }),
    )
    const statuses = (await Promise.all(buyers)).map(answer => answer.status)
    expect(statuses.filter(status => status === 201)).toHaveLength(100)
    expect(statuses.filter(status => status === 409)).toHaveLength(50)
    const soldOut = await ask('POST /orders', { json: { user_id: 'usr-1', item: 'SKU-SOLDOUT' } })
    expect(soldOut.status).toBe(409)
  })
})

describe('wrong input', () => {
  test('is answered with a problem document that says what is wrong', async () => {
    const token = await login()
    const cases: readonly [string, Asked, number][] = [
      ['GET /nowhere', {}, 404],
      ['DELETE /products', {}, 405],
      ['GET /products?limit=0', {}, 400],
      ['GET /products?sort=colour', {}, 400],
      ['GET /products?category=%00', {}, 400],
      ['GET /api/v1/products/%00', {}, 400],
      ['GET /api/v1/products/%ff', {}, 400],
      ['GET /api/v1/orders', {}, 400],
      ['GET /api/orders?include=secrets', { token }, 400],
      ['POST /api/auth/login', { json: [] }, 400],
      ['POST /api/auth/login', { json: { email: 1, password: 'x' } }, 400],
      ['POST /api/cart/items', { token, json: { productId: 'sku-1001', quantity: -1 } }, 400],
      ['POST /api/cart/items', { token, json: { productId: 'no such', quantity: 1 } }, 422],
      ['POST /api/cart/items', { token, json: { productId: '\u0000', quantity: 1 } }, 400],
      ['POST /api/v1/cart', { json: { currency: 'euro', region: 'eu' } }, 400],
      ['POST /api/v1/cart/none/items', { json: { sku: 'sku-1001', quantity: 1 } }, 404],
      ['POST /api/checkout/payment', { token, json: { paymentMethod: 'card' } }, 400],
      ['POST /api/checkout/shipping', { token, json: { address: '\u0000' } }, 400],
      ['POST /api/orders', { token, json: { cartId: 'none', currency: 'USD' } }, 404],
      ['POST /payments', { json: { order_id: 'o', amount: 'much' } }, 400],
      ['POST /api/v1/inventory/reservations', { json: { order_id: 'o', items: [{}] } }, 400],
      ['POST /api/v1/reports/usage', { json: {} }, 401],
      ['GET /api/v1/jobs/none', {}, 404],
      ['POST /api/v1/uploads/presign', { json: {} }, 401],
      ['POST /users', { json: { username: 'x'.repeat(1 << 20) } }, 413],
    ]
    for (const [line, options, status] of cases) {
      const answer = await ask(line, options)
      expect([line, answer.status, answer.headers.get('content-type')]).toEqual([
        ...[line, status, 'application/problem+json'],
      ])
      expect(answer.body).toMatchObject({ status, instance: line.split(/[ ?]/)[1] })
      expect(answer.body['detail']).toEqual(expect.stringMatching(/./))
    }
  })
})

describe('work that takes time', () => {
  test('a report is queued, made and can be fetched', async () => {
    const headers = { authorization: 'Api-Key lf_demo_cloudnative_api_key' }
    const asked = await Promise.all(
      Array.from({ length: 9 }, () => ask('POST /api/v1/reports/usage', { headers, json: {} })),
    )
    expect(asked.map(answer => answer.status)).toEqual(Array.from({ length: 9 }, () => 202))
    const ids = asked.map(answer => String(answer.body['job_id']))
    const id = ids.at(-1)!
    const seen = new Set<unknown>()
    await vi.waitFor(
      async () => {
        const jobs = await Promise.all(ids.map(one => ask(`GET /api/v1/jobs/${one}`)))
        const states = jobs.map(job => job.body['status'])
        states.forEach(state => seen.add(state))
        expect(new Set(states)).toEqual(new Set(['completed']))
      },
      { timeout: 60_000, interval: 20 },
    )
    expect(seen).toContain('running')
    const { result } = (await ask(`GET /api/v1/jobs/${id}/result`)).body as {
      result: { days: unknown[] }
    }
    expect(result.days).toHaveLength(30)
    const listed = await ask('GET /api/v1/jobs?status=completed&limit=100')
    expect((listed.body['jobs'] as Json[]).map(job => job['id'])).toContain(id)
  })

  test('a file goes to the storage by a pre-signed URL of its own origin', async () => {
    const headers = { 'x-api-key': 'demo-serverless-key-123456' }
    const json = { file_name: 'a.pdf', content_type: 'application/pdf', document_type: 'invoice' }
    const signed = await ask('POST /api/v1/uploads/presign', { headers, json })
    expect(signed.status).toBe(200)
    const url = String(signed.body['upload_url'])
    expect(new URL(url).origin).toBe(shop.storageUrl)
    expect(shop.storageUrl).not.toBe(shop.url)

    const content = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251))
    const upload = async (to: string, bytes: Buffer) => {
      const body = new FormData()
      body.append('file', new Blob([new Uint8Array(bytes)]), 'a.pdf')
      const answer = await fetch(to, { method: 'POST', body })
      return { status: answer.status, body: (await answer.json()) as Json }
    }
    const stored = await upload(url, content)
    expect(stored.status).toBe(201)
    const sha256 = createHash('sha256').update(content).digest('hex')
    expect(stored.body).toMatchObject({ file_id: signed.body['file_id'], bytes: 70_000, sha256 })
    expect((await upload(`${url}0`, content)).status).toBe(403)
    expect((await upload(url.replace(/expires=\d+/, 'expires=9999999999'), content)).status).toBe(
      403,
    )
    expect((await upload(url, Buffer.alloc(11 << 20))).status).toBe(413)
  })
})
