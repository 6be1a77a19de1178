import { expect, test } from 'vitest'
import { testShop, type Answered, type Asked } from './client.ts'

const { ask, login } = testShop()

type Case = readonly [line: string, options: Asked, status: number]

/** Each case gets its status and a problem document that names the path and says what is wrong. */
async function areRefused(cases: readonly Case[]): Promise<void> {
  for (const [line, options, status] of cases) {
    const answer: Answered = await ask(line, options)
    const said = JSON.stringify([line, options.json ?? options.body?.toString(), answer.body])
    expect([said, answer.status, answer.headers.get('content-type')]).toEqual([
      ...[said, status, 'application/problem+json'],
    ])
    expect(answer.body).toMatchObject({ status, instance: line.split(/[ ?]/)[1] })
    expect(answer.body['detail']).toEqual(expect.stringMatching(/./))
  }
}

/** The same path with each of the bodies. */
const each = (line: string, bodies: readonly unknown[], status: number, more: Asked = {}) =>
  bodies.map((json): Case => [line, { ...more, json }, status])

test('of unknown paths, lists and products', async () => {
  const lists = [
    '/products',
    '/api/catalog/products',
    '/api/v1/catalog/products',
    '/api/v1/products',
  ]
  const queries = [
    ...['limit=0', 'limit=101', 'limit=ten', 'page=0', 'page=-1', 'pageSize=1.5', 'sort=colour'],
    ...['category=%00', 'currency=euro', 'currency=XXX'],
  ]
  await areRefused([
    ['GET /nowhere', {}, 404],
    ['DELETE /products', {}, 405],
    ...lists.flatMap(path => queries.map((query): Case => [`GET ${path}?${query}`, {}, 400])),
    ...lists.slice(1).flatMap((path): Case[] => [
      [`GET ${path}/sku-1`, {}, 404],
      [`GET ${path}/%00`, {}, 400],
      [`GET ${path}/%E0`, {}, 400],
      [`GET ${path}/sku-1001?quantity=0`, {}, 400],
      [`POST ${path}/sku-1001`, { json: {} }, 405],
    ]),
  ])
})

test('of searches and recommendations', async () => {
  const search = 'GET /api/v1/search'
  const recommendations = 'GET /api/v1/recommendations'
  await areRefused([
    [search, {}, 400],
    [`${search}?q=`, {}, 400],
    [`${search}?q=%20`, {}, 400],
    [`${search}?q=%00`, {}, 400],
    [`${search}?q=${'x'.repeat(201)}`, {}, 400],
    [`${search}?q=lamp&sort=colour`, {}, 400],
    [`${search}?q=lamp&limit=0`, {}, 400],
    [`${search}?q=lamp&currency=XXX`, {}, 400],
    [recommendations, {}, 400],
    [`${recommendations}?product_id=none`, {}, 404],
    [`${recommendations}?product_id=sku-1001&limit=13`, {}, 400],
  ])
})

test('of logins and new users', async () => {
  const right = { email: 'a@example.com', password: 'P@ssword123!' }
  const form = { grant_type: 'password', client_id: 'web', username: 'a', password: 'x' }
  const realm = 'POST /auth/realms/shop/protocol/openid-connect/token'
  const formCase = (changes: Record<string, string>, status: number): Case => [
    ...([realm, { body: new URLSearchParams({ ...form, ...changes }) }, status] as const),
  ]
  const logins = ['POST /api/auth/login', 'POST /api/v1/auth/login'].flatMap(line => [
    ...each(line, [{}, [], 'x', { email: 1, password: 'x' }, { email: 'a@example.com' }], 400),
    ...each(
      line,
      [
        { ...right, password: 'x' },
        { ...right, email: 'a@example.org' },
      ],
      401,
    ),
    [line, { body: '{', headers: { 'content-type': 'application/json' } }, 400] as const,
    [line, { body: '{}', headers: { 'content-type': 'text/plain' } }, 415] as const,
  ])
  await areRefused([
    ...logins,
    formCase({}, 401),
    formCase({ grant_type: 'code' }, 400),
    formCase({ client_id: '' }, 400),
    formCase({ username: '' }, 400),
    [realm, { json: form }, 415],
    ...each('POST /users', [{}, { username: '' }, { username: 7 }], 400),
    ...each('POST /users', [{ username: 'a', email: 'nobody' }, { username: '\u0000' }], 400),
    ['POST /users', { json: { username: 'x'.repeat(1 << 20) } }, 413],
  ])
})

test('of carts', async () => {
  const token = await login()
  const item = { productId: 'sku-1001', quantity: 1 }
  const own = ['POST /api/cart/items', 'POST /api/v1/cart/items'].flatMap(line => [
    [line, { json: item }, 401] as const,
    [line, { json: item, token: 'a.b.c' }, 401] as const,
    [line, { json: item, headers: { authorization: token } }, 401] as const,
    ...each(line, [{}, { productId: 'sku-1001' }, { quantity: 1 }], 400, { token }),
    ...each(
      line,
      [0, -1, 1.5, '1', 101, null].map(quantity => ({ ...item, quantity })),
      400,
      {
        token,
      },
    ),
    ...each(
      line,
      [7, '', '\u0000'].map(productId => ({ ...item, productId })),
      400,
      { token },
    ),
    ...each(
      line,
      ['euro', 'XXX', 7].map(currency => ({ ...item, currency })),
      400,
      { token },
    ),
    [line, { token, json: { ...item, productId: 'no such' } }, 422] as const,
  ])
  const foreign = await ask('POST /api/v1/cart', { token, json: { currency: 'USD', region: 'eu' } })
  const lines = `POST /api/v1/cart/${String(foreign.body['cart_id'])}/items`
  const goods = { sku: 'sku-1001', quantity: 1 }
  await areRefused([
    ...own,
    ['GET /api/cart', {}, 401],
    ['GET /api/cart', { token: 'x' }, 401],
    ...each('POST /api/v1/cart', [{}, { currency: 'USD' }, { region: 'eu' }], 400),
    ...each(
      'POST /api/v1/cart',
      ['euro', 'XXX'].map(currency => ({ currency, region: 'eu' })),
      400,
    ),
    ['POST /api/v1/cart', { token: 'x', json: { currency: 'USD', region: 'eu' } }, 401],
    ['POST /api/v1/cart/none/items', { json: goods }, 404],
    [lines, { json: goods }, 404],
    ...each(lines, [{ sku: 'sku-1001' }, { ...goods, quantity: 0 }], 400, { token }),
    [lines, { token, json: { ...goods, sku: 'no such' } }, 422],
  ])
})

test('of checkouts and orders', async () => {
  const token = await login()
  const payment = { paymentMethod: 'card', cardToken: 'tok_visa', billingZip: '1' }
  const empty = await ask('POST /api/v1/cart', { json: { currency: 'USD', region: 'eu' } })
  const whole = { cart_id: empty.body['cart_id'], shipping_address: 'x', payment_method: 'card' }
  const fromCart = ['POST /api/v1/checkout', 'POST /api/v1/orders'].flatMap(line => [
    ...each(line, [{}, { ...whole, cart_id: 7 }, { ...whole, payment_method: 7 }], 400),
    ...each(
      line,
      ['shipping_address', 'payment_method'].map(name => ({ ...whole, [name]: '' })),
      400,
    ),
    [line, { json: { ...whole, cart_id: 'none' } }, 404] as const,
    [line, { json: whole }, 409] as const,
    [line, { json: whole, token: 'x' }, 401] as const,
  ])
  await areRefused([
    ['POST /api/checkout/shipping', { json: { address: 'here' } }, 401],
    ...each('POST /api/checkout/shipping', [{}, [], { address: '\u0000' }], 400, { token }),
    ['POST /api/checkout/payment', { json: payment }, 401],
    ...each(
      'POST /api/checkout/payment',
      Object.keys(payment).map(name => ({ ...payment, [name]: undefined })),
      400,
      { token },
    ),
    ['POST /api/checkout/payment', { token, json: { ...payment, cardToken: 'tok_declined' } }, 402],
    ...fromCart,
    ['POST /api/orders', { json: { cartId: 'none', currency: 'USD' } }, 401],
    ...each('POST /api/orders', [{}, { cartId: 7 }], 400, { token }),
    ...each('POST /api/orders', [{ cartId: 'x', currency: 'usd' }], 400, { token }),
    ...each('POST /api/orders', [{ cartId: 'x', clientOrderId: 7 }], 400, { token }),
    ['POST /api/orders', { token, json: { cartId: 'none', currency: 'USD' } }, 404],
    ...each('POST /orders', [{}, { user_id: 'u' }, { item: 'x' }, { user_id: 'u', item: {} }], 400),
    ['POST /orders', { json: { user_id: 'usr-1', item: 'SKU-SOLDOUT' } }, 409],
  ])
})

test('of lists of orders, single orders and parcels', async () => {
  const token = await login()
  const lists = ['limit=0', 'limit=101', 'limit=x', 'include=shoes'].flatMap((query): Case[] => [
    [`GET /api/orders?${query}`, { token }, 400],
    [`GET /api/v1/orders?user_id=usr-1&${query}`, {}, 400],
  ])
  await areRefused([
    ...lists,
    ['GET /api/orders', {}, 401],
    ['GET /api/v1/orders', {}, 400],
    ['GET /api/orders/ord-1', {}, 404],
    ['GET /api/orders/%00', {}, 400],
    ['GET /api/orders/ord-784512', { token: 'x' }, 401],
    ['GET /api/shipments/trk-none/events', {}, 404],
    ['GET /api/shipments/trk-UPS-10001/events', { token: 'x' }, 401],
  ])
})

test('of reservations and payments', async () => {
  const line = 'POST /api/v1/inventory/reservations'
  const reserved = (items: unknown) => ({ order_id: 'o', items, warehouse_region: 'eu' })
  const one = { sku: 'sku-1001', quantity: 1 }
  const paid = { order_id: 'o', amount: 10 }
  await areRefused([
    ...each(line, [undefined, [], {}, [{}], [1]].map(reserved), 400),
    ...each(
      line,
      [0, -1, 10_001, '1'].map(quantity => reserved([{ ...one, quantity }])),
      400,
    ),
    ...each(line, [{ ...reserved([one]), order_id: '' }], 400),
    ...each(line, [{ ...reserved([one]), warehouse_region: 7 }], 400),
    [line, { json: reserved([{ ...one, sku: 'no such' }]) }, 422],
    [line, { json: reserved([{ ...one, sku: 'SKU-SOLDOUT' }]) }, 409],
    [line, { json: reserved([one, { sku: 'SKU-LIMITED', quantity: 101 }]) }, 409],
    ...each('POST /payments', [{}, { ...paid, amount: 'much' }, { ...paid, amount: -1 }], 400),
    ...each(
      'POST /payments',
      [
        { ...paid, order_id: '' },
        { ...paid, amount: 0 },
      ],
      400,
    ),
    ['POST /payments', { json: paid, token: 'x' }, 401],
  ])
})

test('of reports, jobs and uploads', async () => {
  await areRefused([
    ['POST /api/v1/reports/usage', { json: {} }, 401],
    ['GET /api/v1/jobs/none', {}, 404],
    ['GET /api/v1/jobs/none/result', {}, 404],
    ['GET /api/v1/jobs?status=lost', {}, 400],
    ['POST /api/v1/uploads/presign', { json: {} }, 401],
  ])
})
