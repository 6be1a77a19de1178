import { randomUUID } from 'node:crypto'
import { isObject, optionalText, textField, textOrObjectField } from '../../kit/http/input.ts'
import { jsonOf } from '../../kit/calls/peers.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { CartItem, TakenCart } from '../cart.ts'
import type { PriceList } from '../pricing/pricing.ts'
import { chosenBy, signedIn, tokenOf } from './checkout.ts'

interface Plan {
  readonly orderId: string
  readonly cartId: string
  readonly paymentToken: string
}

/** POST /api/orders: what is in the cart, to the address and with the card chosen before. */
export async function orderOfUser(request: ShopRequest): Promise<Answer> {
  const userId = signedIn(request)
  const body = await request.json()
  const cartId = textField(body, ['cartId', 'cart_id'])
  const currency = optionalText(body, 'currency') ?? 'USD'
  const clientOrderId = optionalText(body, ['clientOrderId', 'client_order_id'])
  const { shipping, paymentToken } = await chosenBy(request, userId)
  const begun = await begin(request, { userId, clientOrderId, currency, shipping })
  if (begun.known) return answerFor(begun, { 'idempotent-replayed': 'true' })
  return place(request, { orderId: begun.orderId, cartId, paymentToken })
}

/** POST /api/v1/checkout and /api/v1/orders: everything that is needed comes in the body. */
export async function orderFromCart(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  const cartId = textField(body, ['cart_id', 'cartId'])
  const shipping = textOrObjectField(body, ['shipping_address', 'shippingAddress'])
  const paymentToken = tokenOf(textOrObjectField(body, ['payment_method', 'paymentMethod']))
  const clientOrderId = optionalText(body, ['clientOrderId', 'client_order_id'])
  const userId = request.userId ?? 'guest'
  const begun = await begin(request, { userId, clientOrderId, currency: 'USD', shipping })
  if (begun.known) return answerFor(begun, { 'idempotent-replayed': 'true' })
  return place(request, { orderId: begun.orderId, cartId, paymentToken })
}

/** POST /orders: one thing by name, paid later. A known sku is taken from stock. */
export async function orderOneItem(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  const userId = textField(body, ['user_id', 'userId'])
  const item = textOrObjectField(body, 'item')
  const sku = isObject(item) ? textField(item, ['sku', 'product_id', 'productId']) : item
  const path = `/prices?skus=${encodeURIComponent(sku)}`
  const priced = await request.call({ peer: 'pricing', method: 'GET', path })
  const amountCents = jsonOf<PriceList>(priced).prices[0]?.amountCents
  const { orderId } = await begin(request, { userId, currency: 'USD', shipping: null })
  const items = [{ sku, quantity: 1, unitPriceCents: amountCents ?? 999 }]
  if (amountCents !== undefined) {
    await orFail(request, orderId, () => reserve(request, { orderId, region: 'any', items }))
  }
  const status = 'awaiting_payment'
  const totalCents = await finish(request, { orderId, status, currency: 'USD', items })
  return answerFor({ orderId, status, totalCents })
}

interface Begun {
  readonly known: boolean
  readonly orderId: string
  readonly status: string
  readonly totalCents: number
}

/** Writes the order down before anything else happens; a repeated clientOrderId finds the first. */
async function begin(
  request: ShopRequest,
  order: {
    readonly userId: string
    readonly clientOrderId?: string | undefined
    readonly currency: string
    readonly shipping: unknown
  },
): Promise<Begun> {
  const { userId, clientOrderId, currency, shipping } = order
  const orderId = `ord-${randomUUID()}`
  const made = await request.query(
    `insert into orders (id, user_id, client_order_id, status, currency, shipping)
     values ($1, $2, $3, 'pending', $4, $5) on conflict do nothing returning id`,
    [orderId, userId, clientOrderId ?? null, currency, JSON.stringify(shipping)],
  )
  if (made.length > 0) return { known: false, orderId, status: 'pending', totalCents: 0 }
  const [first] = await request.query<{ id: string; status: string; totalCents: number }>(
    `select id, status, total_cents as "totalCents" from orders
     where user_id = $1 and client_order_id = $2`,
    [userId, clientOrderId],
  )
  if (!first) throw new Problem(409, 'the same order is just being given up; try again')
  return { known: true, orderId: first.id, status: first.status, totalCents: first.totalCents }
}

/** Cart, prices, stock, payment: what was taken is given back when a later step refuses. */
async function place(request: ShopRequest, plan: Plan): Promise<Answer> {
  const { orderId, cartId, paymentToken } = plan
  return orFail(request, orderId, async () => {
    const cartPath = `/carts/${encodeURIComponent(cartId)}`
    const taken = await request.call({ peer: 'cart', method: 'POST', path: `${cartPath}/take` })
    const cart = jsonOf<TakenCart>(taken)
    const undo = [() => giveBack(request, 'cart', `${cartPath}/restore`, { items: cart.items })]
    try {
      const items = await pricedNow(request, cart)
      const { currency, region } = cart
      const reservationId = await reserve(request, { orderId, region, items })
      undo.push(() => giveBack(request, 'inventory', `/reservations/${reservationId}`))
      const amount = totalCentsOf(items) / 100
      const body = { order_id: orderId, amount, method: paymentToken }
      await request.call({ peer: 'payment', method: 'POST', path: '/payments', body })
      const totalCents = await finish(request, { orderId, status: 'confirmed', currency, items })
      return answerFor({ orderId, status: 'confirmed', totalCents })
    } catch (error) {
      for (const step of undo.reverse()) await step()
      throw error
    }
  })
}

/** A failed order frees its clientOrderId: the customer may try again with the same one. */
async function orFail<T>(
  request: ShopRequest,
  orderId: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await request.query(
      `update orders set status = 'failed', client_order_id = null where id = $1`,
      [orderId],
    )
    throw error
  }
}

async function pricedNow(request: ShopRequest, cart: TakenCart): Promise<CartItem[]> {
  const skus = encodeURIComponent(cart.items.map(item => item.sku).join(','))
  const path = `/prices?skus=${skus}&currency=${cart.currency}`
  const answer = await request.call({ peer: 'pricing', method: 'GET', path })
  const { prices } = jsonOf<PriceList>(answer)
  const cents = new Map(prices.map(price => [price.sku, price.amountCents]))
  return cart.items.map(item => {
    return { ...item, unitPriceCents: cents.get(item.sku) ?? item.unitPriceCents }
  })
}

async function reserve(
  request: ShopRequest,
  wanted: {
    readonly orderId: string
    readonly region: string
    readonly items: readonly CartItem[]
  },
): Promise<string> {
  const items = wanted.items.map(({ sku, quantity }) => ({ sku, quantity }))
  const body = { order_id: wanted.orderId, warehouse_region: wanted.region, items }
  const answer = await request.call({
    ...{ peer: 'inventory', method: 'POST', path: '/reservations', body },
  })
  return jsonOf<{ id: string }>(answer).id
}

/** A step back that fails too must not hide why the order failed; it goes to the log. */
async function giveBack(
  request: ShopRequest,
  peer: string,
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<void> {
  const method = body === undefined ? 'DELETE' : 'POST'
  try {
    await request.call({ peer, method, path, ...(body === undefined ? {} : { body }) })
  } catch (error) {
    console.error(`order: could not give back at ${peer}${path}: ${String(error)}`)
  }
}

async function finish(
  request: ShopRequest,
  order: {
    readonly orderId: string
    readonly status: string
    readonly currency: string
    readonly items: readonly CartItem[]
  },
): Promise<number> {
  const { orderId, status, currency, items } = order
  const totalCents = totalCentsOf(items)
  await request.transaction(async query => {
    await query('update orders set status = $2, currency = $3, total_cents = $4 where id = $1', [
      ...[orderId, status, currency, totalCents],
    ])
    await query(
      `insert into order_items (order_id, sku, quantity, unit_price_cents)
       select $1, * from unnest($2::text[], $3::int[], $4::int[])`,
      [
        orderId,
        items.map(item => item.sku),
        items.map(item => item.quantity),
        items.map(item => item.unitPriceCents),
      ],
    )
  })
  return totalCents
}

const totalCentsOf = (items: readonly CartItem[]) =>
  items.reduce((sum, item) => sum + item.quantity * item.unitPriceCents, 0)

function answerFor(
  order: { readonly orderId: string; readonly status: string; readonly totalCents: number },
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const { orderId, status, totalCents } = order
  const body = { id: orderId, order_id: orderId, status, total: totalCents / 100 }
  return { status: 201, body, headers }
}
