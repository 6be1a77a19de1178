import { expect, test } from 'vitest'
import { testShop, type Json } from './client.ts'

const shop = testShop()
const { ask, login } = shop

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
    // 13 listed and 2,000 numbered goods in 8 categories: 251 or 252 each.
    expect([251, 252]).toContain(body['total'])
    const items = body['items'] as Json[]
    expect(items).toHaveLength(5)
    for (const item of items) {
      expect(item).toMatchObject({ category: 'books', currency: 'USD', in_stock: true })
      expect(item['price']).toBeGreaterThan(0)
    }
  }
})

test('sorting by price sorts by price, in both directions and in another currency', async () => {
  const pricesAt = async (path: string) =>
    ((await ask(`GET ${path}`)).body['items'] as { price: number }[]).map(item => item.price)
  const up = await pricesAt('/api/v1/products?sort=price&limit=100')
  expect(up).toHaveLength(100)
  expect(up).toEqual(up.toSorted((a, b) => a - b))
  const down = await pricesAt('/api/v1/products?sort=price_desc&limit=100&currency=EUR')
  expect(down).toEqual(down.toSorted((a, b) => b - a))
})

test('the known products and the numbered ones are there under every path', async () => {
  const known = [
    ...['sku-1001', 'sku-1002', 'sku-1003', 'sku-1042', 'sku-1099', 'SKU-104583', 'SKU-204881'],
    ...['SKU-998120', 'SKU-100045', 'SKU-200112', 'SKU-300778', 'sku-2001', 'sku-4000'],
  ]
  for (const sku of known) {
    for (const path of ['/api/catalog', '/api/v1/catalog', '/api/v1']) {
      const { status, body } = await ask(`GET ${path}/products/${sku}`)
      expect([status, body['id']]).toEqual([200, sku])
    }
  }
})

test('pieces are cheaper when many are bought, and prices follow the rate', async () => {
  const priceFor = async (query: string) =>
    (await ask(`GET /api/v1/products/sku-2001?${query}`)).body['price'] as number
  // 4.99 + (2001 * 7919 mod 20000) cents = 4.99 + 59.19; times 0.92 is 59.0456, rounded up.
  expect(await priceFor('')).toBe(64.18)
  expect(await priceFor('currency=EUR')).toBe(59.05)
  // sku-2001 is in books (2001 mod 8 = 1). For 50 pieces: 2 + 50/5 + 98 mod 3 = 14 percent off.
  expect(await priceFor('quantity=50')).toBe(55.2)
})

test('the search finds words, whatever their form, best first or as asked', async () => {
  const found = async (query: string) => {
    const { status, body } = await ask(`GET /api/v1/search?${query}`)
    expect(status).toBe(200)
    return body as { items: (Json & { name: string; price: number })[]; total: number }
  }
  const lamps = await found('q=lamps')
  // A fifth of the 252 goods of the home are lamps.
  expect(lamps.total).toBeGreaterThan(45)
  expect(lamps.items).toHaveLength(20)
  for (const item of lamps.items) {
    expect(item.name).toContain('lamp')
    expect(item).toMatchObject({ currency: 'USD', in_stock: true, category: 'home' })
  }
  const cheap = (await found('q=quiet%20lamp&sort=price&limit=50')).items
  expect(cheap.every(item => item.name.startsWith('Quiet lamp'))).toBe(true)
  const prices = cheap.map(item => item.price)
  expect(prices).toEqual(prices.toSorted((a, b) => a - b))
  expect((await found('q=sku-1042')).items[0]).toMatchObject({ id: 'sku-1042' })
  expect(await found('q=unheardof')).toMatchObject({ items: [], total: 0 })
  expect((await found('q=lamp&page=2&limit=5')).items).toHaveLength(5)
})

test('recommendations come from the version that the segment or the weight chooses', async () => {
  const path = 'GET /api/v1/recommendations?product_id=sku-1001'
  const beta = await ask(path, { headers: { 'x-user-segment': 'beta-testers' } })
  expect(beta.status).toBe(200)
  expect(beta.headers.get('x-upstream-version')).toBe('canary-v2')
  expect(beta.body['version']).toBe('canary-v2')
  const list = beta.body['recommendations'] as Json[]
  expect(list).toHaveLength(6)
  for (const one of list) {
    expect(one).toMatchObject({ in_stock: true, currency: 'USD' })
    expect(one['name']).toEqual(expect.stringMatching(/^[A-Z][a-z]+ [a-z]+ \d+$/))
    expect(one['id']).not.toBe('sku-1001')
  }
  for (let count = 0; count < 20; count += 1) {
    const { status, headers, body } = await ask(path)
    expect(status).toBe(200)
    const version = headers.get('x-upstream-version')
    expect(['stable', 'canary-v2']).toContain(version)
    expect(body['version']).toBe(version)
  }
})

test('health and metrics answer for the gateway and for every service', async () => {
  expect((await ask('GET /health')).status).toBe(200)
  expect((await ask('GET /healthz')).status).toBe(200)
  for (const { name, kind, url, metricsUrl } of shop.ready.services) {
    // The bank is somebody else's: it shows no numbers.
    if (metricsUrl !== '') {
      const metrics = await (await fetch(metricsUrl)).text()
      expect([name, metrics.includes('# TYPE ')]).toEqual([name, true])
    }
    if (kind === 'service') {
      expect((await ask(`GET ${url}/health`)).body).toMatchObject({ service: name })
    }
  }
})

test('the catalog keeps descriptions for a while, and says how often that helped', async () => {
  for (let count = 0; count < 3; count += 1) await ask('GET /api/v1/products/sku-3333')
  const catalog = shop.ready.services.find(service => service.name === 'catalog')
  const metrics = await (await fetch(catalog!.metricsUrl)).text()
  const hits = /cache_requests_total\{[^}]*cache="products",result="hit"[^}]*\} (\d+)/.exec(metrics)
  expect(Number(hits?.[1])).toBeGreaterThanOrEqual(1)
  expect(metrics).toMatch(/cache_entries\{[^}]*cache="products"[^}]*\} [1-9]/)
})

test('HEAD has the head of GET, OPTIONS says what there is, anything else is 405', async () => {
  const head = await ask('HEAD /api/v1/products/sku-1001')
  expect([head.status, head.body]).toEqual([200, {}])
  expect(Number(head.headers.get('content-length'))).toBeGreaterThan(100)
  const options = await ask('OPTIONS /api/orders')
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, GET, HEAD, OPTIONS'])
  const refused = await ask('DELETE /api/orders')
  expect(refused.status).toBe(405)
  expect(refused.headers.get('allow')).toBe('POST, GET, HEAD, OPTIONS')
  expect((await ask('OPTIONS /nowhere')).status).toBe(404)
})

test('signing in works in three ways and only with the right password', async () => {
  const json = { email: 'a@example.com', password: 'Str0ngP@ssw0rd!', client_id: 'web' }
  const v1 = await ask('POST /api/v1/auth/login', { json })
  expect(v1.status).toBe(200)
  expect(v1.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
  expect(v1.headers.get('cache-control')).toBe('no-store')
  const form = { username: 'bob', client_id: 'web', grant_type: 'password' }
  const realm = (password: string) =>
    ask('POST /auth/realms/shop/protocol/openid-connect/token', {
      body: new URLSearchParams({ ...form, password }),
    })
  const bob = await realm('P@ssw0rd-LoadTest!')
  expect(bob.status).toBe(200)
  expect(bob.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
  const token = bob.body['access_token'] as string
  expect((await ask('GET /api/cart', { token })).status).toBe(200)
  expect((await realm('P@ssword123!')).status).toBe(401)
  for (const wrong of [{ password: 'x' }, { email: 'a@elsewhere.org' }]) {
    const refused = await ask('POST /api/auth/login', { json: { ...json, ...wrong } })
    expect(refused.status).toBe(401)
  }
})

test('a forged token, and a claim in a header, make nobody another user', async () => {
  const token = `${(await login()).slice(0, -6)}AAAAAA`
  const json = { productId: 'sku-1001', quantity: 1 }
  const forged = await ask('POST /api/cart/items', { json, token })
  expect(forged.status).toBe(401)
  expect(forged.headers.get('content-type')).toBe('application/problem+json')
  const headers = { 'x-user-id': 'usr-1' }
  expect((await ask('GET /api/cart', { headers })).status).toBe(401)
})
