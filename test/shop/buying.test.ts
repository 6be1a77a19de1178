import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { testShop, type Json } from './client.ts'

const shop = testShop()
const { ask, login } = shop

const urlOf = (name: string) => shop.ready.services.find(service => service.name === name)?.url
const stockOf = async (sku: string) =>
  (await ask(`GET /api/v1/products/${sku}`)).body['stock'] as number

/** A cart of a new customer with one good in it. */
async function filledCart(item: { readonly productId: string; readonly quantity: number }) {
  const token = await login()
  const added = await ask('POST /api/cart/items', { token, json: item })
  expect(added.status).toBe(201)
  return { token, cartId: added.body['cartId'] as string }
}

function userIdIn(token: string): string {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  return (JSON.parse(claims) as { sub: string }).sub
}

test('cart, shipping, payment, order: and the same order id is the same order', async () => {
  const token = await login()
  const item = { productId: 'sku-1001', quantity: 12 }
  const added = await ask('POST /api/cart/items', { token, json: item })
  expect(added.status).toBe(201)
  const more = { product_id: 'SKU-104583', quantity: 1, currency: 'USD' }
  expect((await ask('POST /api/v1/cart/items', { token, json: more })).status).toBe(201)
  const { status, body } = await ask('GET /api/cart', { token })
  expect(status).toBe(200)
  const cart = body as { items: { quantity: number; unit_price: number }[]; total: number }
  const sum = cart.items.reduce((total, line) => total + line.quantity * line.unit_price, 0)
  expect(cart.total).toBeCloseTo(sum, 6)

  const address = { address: { street: 'Main Street 1', zip: '10115' } }
  const shipping = await ask('POST /api/checkout/shipping', { token, json: address })
  expect(shipping.status).toBe(200)
  expect(shipping.body['options']).toMatchObject([
    { id: 'economy', price: 4 },
    { id: 'standard', price: 5.1 },
    { id: 'express', price: 13.8 },
  ])
  const payment = { paymentMethod: 'card', cardToken: 'tok_visa', billingZip: '10115' }
  expect((await ask('POST /api/checkout/payment', { token, json: payment })).status).toBe(200)

  const json = { cartId: added.body['cartId'], currency: 'USD', clientOrderId: randomUUID() }
  const placed = await ask('POST /api/orders', { token, json })
  expect(placed.status).toBe(201)
  expect(placed.body).toMatchObject({ status: 'confirmed', total: cart.total })
  const again = await ask('POST /api/orders', { token, json })
  expect([again.status, again.body]).toEqual([201, placed.body])
  expect(again.headers.get('idempotent-replayed')).toBe('true')

  const include = 'items,payments,shipments'
  const listed = await ask(`GET /api/orders?limit=5&include=${include}`, { token })
  const orders = listed.body['orders'] as Json[]
  expect(orders).toHaveLength(1)
  expect(orders[0]).toMatchObject({ id: placed.body['id'], total: cart.total })
  expect(orders[0]?.['items']).toMatchObject([
    { sku: 'SKU-104583', quantity: 1, name: 'Warm jacket 6' },
    { sku: 'sku-1001', quantity: 12, name: 'Classic novel 1' },
  ])
  expect(orders[0]?.['payments']).toMatchObject([{ amount: cart.total, status: 'captured' }])
  expect(orders[0]?.['shipments']).toMatchObject([{ id: placed.body['tracking_id'] }])
  expect((await ask('GET /api/cart', { token })).body['items']).toEqual([])
})

test('an order sent several times at once is one order, bought once', async () => {
  const sku = 'sku-3998'
  const before = await stockOf(sku)
  const { token, cartId } = await filledCart({ productId: sku, quantity: 2 })
  const json = { cartId, currency: 'USD', clientOrderId: randomUUID() }
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ask('POST /api/orders', { token, json })),
  )
  expect(answers.map(answer => answer.status)).toEqual(Array.from({ length: 8 }, () => 201))
  for (const { body } of answers) expect(body).toEqual(answers[0]?.body)
  expect(answers[0]?.body).toMatchObject({ status: 'confirmed' })
  expect(answers.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1)
  expect(await stockOf(sku)).toBe(before - 2)
  expect((await ask('GET /api/orders', { token })).body['orders']).toHaveLength(1)
})

test('an order that fails frees its id: everyone who sent it hears why', async () => {
  const { token, cartId } = await filledCart({ productId: 'SKU-SOLDOUT', quantity: 1 })
  const json = { cartId, currency: 'USD', clientOrderId: randomUUID() }
  const answers = await Promise.all([1, 2].map(() => ask('POST /api/orders', { token, json })))
  expect(answers.map(answer => answer.status)).toEqual([409, 409])
  expect((await ask('GET /api/orders', { token })).body['orders']).toEqual([])
})

test('an order that was left behind by a process that ended can be placed again', async () => {
  const { token, cartId } = await filledCart({ productId: 'sku-2004', quantity: 1 })
  const clientOrderId = randomUUID()
  const { database } = shop.ready
  const address = { host: database!.folder, port: 5432, user: 'shop', database: 'postgres' }
  const client = new pg.Client(address)
  await client.connect()
  await client.query(
    `insert into shop_order.orders (id, user_id, client_order_id, status, currency, created_at)
     values ($1, $2, $3, 'pending', 'USD', now() - interval '2 minutes')`,
    [`ord-${randomUUID()}`, userIdIn(token), clientOrderId],
  )
  await client.end()
  const json = { cartId, currency: 'USD', clientOrderId }
  const placed = await ask('POST /api/orders', { token, json })
  expect([placed.status, placed.body['status']]).toEqual([201, 'confirmed'])
})

test('two customers may use the same clientOrderId', async () => {
  const clientOrderId = randomUUID()
  const ids = new Set<unknown>()
  for (const customer of [1, 2]) {
    const { token, cartId } = await filledCart({ productId: 'sku-2001', quantity: customer })
    const json = { cartId, currency: 'USD', clientOrderId }
    const placed = await ask('POST /api/orders', { token, json })
    expect(placed.status).toBe(201)
    ids.add(placed.body['id'])
  }
  expect(ids.size).toBe(2)
})

test('a guest buys with a cart of his own, once', async () => {
  const made = await ask('POST /api/v1/cart', { json: { currency: 'EUR', region: 'eu-west' } })
  expect(made.status).toBe(201)
  const cart_id = made.body['cart_id'] as string
  const item = { sku: 'SKU-204881', quantity: 1 }
  const added = await ask(`POST /api/v1/cart/${cart_id}/items`, { json: item })
  expect(added.status).toBe(201)
  expect(added.body).toMatchObject({ currency: 'EUR', item })
  const json = { cart_id, shipping_address: { zip: '1' }, payment_method: 'card' }
  const [first, second] = await Promise.all([
    ask('POST /api/v1/checkout', { json }),
    ask('POST /api/v1/orders', { json }),
  ])
  expect([first.status, second.status].sort()).toEqual([201, 409])
})

test('a checkout answers the order, its parcel and its own id', async () => {
  const { token, cartId } = await filledCart({ productId: 'sku-2002', quantity: 1 })
  const json = { cart_id: cartId, shipping_address: { zip: '1' }, payment_method: 'card' }
  const { status, body } = await ask('POST /api/v1/checkout', { token, json })
  expect(status).toBe(201)
  expect(body['status']).toBe('confirmed')
  expect(body['checkout_id']).toEqual(expect.stringMatching(/^chk-/))
  const parcel = await ask(`GET /api/shipments/${String(body['tracking_id'])}/events`)
  expect(parcel.status).toBe(200)
  expect(parcel.body).toMatchObject({ events: [{ status: 'label_created' }] })
})

test('a declined card costs nothing: cart and stock are as before', async () => {
  const sku = 'sku-3999'
  const before = await stockOf(sku)
  const { token, cartId } = await filledCart({ productId: sku, quantity: 3 })
  const json = {
    ...{ cart_id: cartId, shipping_address: 'here' },
    payment_method: { token: 'tok_chargeDeclined' },
  }
  for (const path of ['/api/v1/orders', '/api/v1/checkout']) {
    expect((await ask(`POST ${path}`, { token, json })).status).toBe(402)
  }
  expect(await stockOf(sku)).toBe(before)
  const cart = await ask('GET /api/cart', { token })
  expect(cart.body['items']).toMatchObject([{ sku, quantity: 3 }])
  const good = { ...json, payment_method: 'card' }
  expect((await ask('POST /api/v1/orders', { token, json: good })).status).toBe(201)
  expect(await stockOf(sku)).toBe(before - 3)
})

test('a cart keeps its currency while there is something in it', async () => {
  const token = await login()
  const add = (currency: string) =>
    ask('POST /api/v1/cart/items', {
      ...{ token, json: { product_id: 'sku-2001', quantity: 1, currency } },
    })
  expect((await add('XXX')).status).toBe(400)
  expect((await add('EUR')).body).toMatchObject({ currency: 'EUR', item: { unit_price: 59.05 } })
  expect((await add('GBP')).status).toBe(409)
  expect((await ask('GET /api/cart', { token })).body).toMatchObject({
    ...{ currency: 'EUR', total: 59.05 },
  })
})

test('a confirmed order is followed by one notification', async () => {
  const { token, cartId } = await filledCart({ productId: 'sku-2003', quantity: 1 })
  const placed = await ask('POST /api/orders', { token, json: { cartId, currency: 'USD' } })
  await vi.waitFor(
    async () => {
      const url = `${urlOf('notification')}/notifications?user_id=${userIdIn(token)}`
      const sent = (await ask(`GET ${url}`)).body['notifications'] as Json[]
      expect(sent).toHaveLength(1)
      expect(JSON.stringify(sent)).toContain(String(placed.body['id']))
    },
    { timeout: 20_000, interval: 20 },
  )
})

test('users, orders and payments chain without a token', async () => {
  const user = await ask('POST /users', { json: { username: 'testuser' } })
  expect(user.status).toBe(201)
  const order = await ask('POST /orders', { json: { user_id: user.body['id'], item: 'a, widget' } })
  expect(order.status).toBe(201)
  const json = { order_id: order.body['id'], amount: 10 }
  expect((await ask('POST /payments', { json })).status).toBe(200)
  const listed = await ask(`GET /api/v1/orders?user_id=${String(user.body['id'])}&limit=10`)
  expect(listed.status).toBe(200)
  expect(listed.body['orders']).toMatchObject([{ id: order.body['id'] }])
})

test('the known orders and parcels are there, and old customers have a history', async () => {
  for (const id of ['ord-784512', 'ord-784513', 'ord-784514', 'ord-784515']) {
    const { status, body } = await ask(`GET /api/orders/${id}`)
    expect([status, body['id'], body['status']]).toEqual([200, id, 'shipped'])
  }
  for (const id of ['trk-UPS-10001', 'trk-FDX-20002', 'trk-DHL-30003']) {
    const { status, body } = await ask(`GET /api/shipments/${id}/events`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ shipment_id: id, carrier: id.slice(4, 7), status: 'in_transit' })
    expect(body['events']).toHaveLength(3)
  }
  // Customer 7 has 3 + 7 mod 4 orders; his first has 1 + (7 + 1) mod 4 lines.
  const token = await login('loadtest+7@example.com')
  const include = 'items,payments,shipments'
  const history = await ask(`GET /api/orders?limit=50&include=${include}`, { token })
  const orders = history.body['orders'] as (Json & { total: number })[]
  expect(orders).toHaveLength(6)
  expect(orders.find(order => order['id'] === 'ord-h7-1')?.['items']).toHaveLength(1)
  for (const order of orders) {
    const items = order['items'] as { quantity: number; unit_price: number }[]
    const sum = items.reduce((total, line) => total + line.quantity * line.unit_price, 0)
    expect(order.total).toBeCloseTo(sum, 6)
    expect(order['payments']).toMatchObject([{ amount: order.total }])
    expect(order['shipments']).toMatchObject([{ status: 'delivered' }])
  }
})

test('stock is never sold twice, runs out, and can be filled again', async () => {
  const buy = (index: number) =>
    ask('POST /api/v1/inventory/reservations', {
      json: {
        order_id: `ord-test-${index}`,
        items: [{ sku: 'SKU-LIMITED', quantity: 1 }],
        warehouse_region: 'eu-west',
      },
    })
  const statuses = (await Promise.all(Array.from({ length: 150 }, (_, index) => buy(index)))).map(
    answer => answer.status,
  )
  expect(statuses.filter(status => status === 201)).toHaveLength(100)
  expect(statuses.filter(status => status === 409)).toHaveLength(50)
  expect(await stockOf('SKU-LIMITED')).toBe(0)
  expect((await ask('POST /stock/reset')).status).toBe(404)
  expect((await ask(`POST ${urlOf('inventory')}/stock/reset`)).status).toBe(200)
  expect(await stockOf('SKU-LIMITED')).toBe(100)
  const made = await buy(200)
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({ status: 'reserved', warehouse_region: 'eu-west' })
})
