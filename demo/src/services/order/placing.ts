import {
  isObject,
  optionalCurrency,
  optionalText,
  paymentField,
  textField,
  textOrObjectField,
} from '../../kit/http/input.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import { signedIn } from '../../kit/http/signed-in.ts'
import { pricesOf } from '../offers.ts'
import { claim, orFail, type OrderState } from './claiming.ts'
import { draftOf } from './drafts.ts'
import type { Notify } from './notifier.ts'
import { orderSettings } from './order-settings.ts'
import { carriedOut, finish, reserve } from './carrying-out.ts'

interface Wanted {
  readonly userId: string
  readonly clientOrderId: string | undefined
  readonly cartId: string
  /** Undefined: the cart's. */
  readonly currency: string | undefined
  readonly shipping: unknown
  readonly paymentToken: string
}

/** POST /api/orders: what is in the cart, to the address and with the card chosen before. */
export async function orderOfUser(request: ShopRequest, notify: Notify): Promise<Answer> {
  const userId = signedIn(request)
  const body = await request.json()
  const cartId = textField(body, ['cartId', 'cart_id'])
  const currency = optionalCurrency(body)
  const clientOrderId = optionalText(body, ['clientOrderId', 'client_order_id'])
  const draft = await draftOf(request, userId)
  return place(request, { userId, clientOrderId, cartId, currency, ...draft }, notify)
}

/** POST /api/v1/orders, and the checkout's: everything that is needed comes in the body. */
export async function orderFromCart(request: ShopRequest, notify: Notify): Promise<Answer> {
  const body = await request.json()
  const cartId = textField(body, ['cart_id', 'cartId'])
  const shipping = textOrObjectField(body, ['shipping_address', 'shippingAddress'])
  const paymentToken = paymentField(body, ['payment_method', 'paymentMethod'])
  const clientOrderId = optionalText(body, ['clientOrderId', 'client_order_id'])
  const currency = optionalCurrency(body)
  // Guests share no user: the clientOrderId of one must not find the order of another.
  const userId = request.userId ?? `guest-${cartId}`
  const wanted = { userId, clientOrderId, cartId, currency, shipping, paymentToken }
  return place(request, wanted, notify)
}

/** POST /orders: one thing by name, paid later. A known sku is taken from stock. */
export async function orderOneItem(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  const userId = textField(body, ['user_id', 'userId'])
  const item = textOrObjectField(body, 'item')
  const sku = isObject(item) ? textField(item, ['sku', 'product_id', 'productId']) : item
  const unitPriceCents = await priceOf(request, sku)
  const claimed = await claim(request, { userId, currency: 'USD', shipping: null })
  if (claimed.known) throw new Error('an order without a clientOrderId was known already')
  const { orderId } = claimed
  return orFail(request, orderId, async () => {
    const items = [{ sku, quantity: 1, unitPriceCents: unitPriceCents ?? 999 }]
    if (unitPriceCents !== undefined) await reserve(request, { orderId, region: 'any', items })
    const order = { orderId, status: 'awaiting_payment', trackingId: null, currency: 'USD', items }
    return answerFor(await finish(request, order))
  })
}

async function place(request: ShopRequest, wanted: Wanted, notify: Notify): Promise<Answer> {
  const { userId, clientOrderId, shipping } = wanted
  const currency = wanted.currency ?? 'USD'
  const claimed = await claim(request, { userId, clientOrderId, currency, shipping })
  if (claimed.known) return answerFor(claimed.first, { 'idempotent-replayed': 'true' })
  const { orderId } = claimed
  const placed = await orFail(request, orderId, () => carriedOut(request, { ...wanted, orderId }))
  await notify(request, { orderId, userId, total: placed.totalCents / 100 })
  return answerFor(placed)
}

/** The price of a good in cents; undefined for a name that is no good of the shop. */
async function priceOf(request: ShopRequest, sku: string): Promise<number | undefined> {
  // Lists of skus are separated by commas: a name with one in it cannot be a sku.
  if (sku.includes(',')) return undefined
  const wanted = { items: [{ sku, quantity: 1 }], currency: 'USD' }
  return (await pricesOf(request, wanted, orderSettings)).get(sku)
}

function answerFor(order: OrderState, headers: Readonly<Record<string, string>> = {}): Answer {
  const { orderId, status, totalCents, trackingId } = order
  const ids = { id: orderId, order_id: orderId, tracking_id: trackingId }
  return { status: 201, body: { ...ids, status, total: totalCents / 100 }, headers }
}
