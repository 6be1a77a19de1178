import { randomUUID } from 'node:crypto'
import { jsonOf } from '../kit/calls/peers.ts'
import {
  optionalText,
  paymentField,
  textField,
  textOrObjectField,
  type JsonObject,
} from '../kit/http/input.ts'
import { Problem } from '../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../kit/http/request.ts'
import { signedIn } from '../kit/http/signed-in.ts'
import type { ServiceDefinition } from '../kit/service.ts'
import { serviceSettings } from '../kit/settings.ts'
import type { Quote } from './shipment.ts'

const definition: ServiceDefinition = {
  name: 'checkout',
  settings: serviceSettings({
    poolConnectionsMax: 8,
    // An order makes five calls of its own; its answer about a slow one is to arrive.
    callTimeoutMs: 6_000,
  }),
  schema: {
    name: 'shop_checkout',
    sql: `create table if not exists steps (
            id text primary key,
            user_id text not null,
            step text not null,
            order_id text,
            at timestamptz not null default now()
          );`,
  },
  open: () => ({
    routes: [
      { method: 'POST', path: '/shipping', handle: chooseShipping },
      { method: 'POST', path: '/payment', handle: choosePayment },
      { method: 'POST', path: '/checkouts', handle: checkOut },
    ],
  }),
}
export default definition

/** Keeps where the signed-in user's next order goes, and answers what shipping costs. */
async function chooseShipping(request: ShopRequest): Promise<Answer> {
  const userId = signedIn(request)
  const shipping = await request.json()
  if (Object.keys(shipping).length === 0) throw new Problem(400, 'the body names no address')
  const [options] = await Promise.all([
    quotesOf(request),
    request.call({ peer: 'order', method: 'POST', path: '/drafts', body: { shipping } }),
  ])
  await keepStep(request, { userId, step: 'shipping' })
  return { status: 200, body: { status: 'shipping_set', options } }
}

/** Has the card authorised and keeps it for the signed-in user's next order. */
async function choosePayment(request: ShopRequest): Promise<Answer> {
  const userId = signedIn(request)
  const body = await request.json()
  const method = textField(body, ['paymentMethod', 'payment_method'])
  const token = textField(body, ['cardToken', 'card_token'])
  const billingZip = textField(body, ['billingZip', 'billing_zip'])
  const authorizationId = await authorizationOf(request, { method, token })
  const payment = { authorizationId, method, token, billingZip }
  await request.call({ peer: 'order', method: 'POST', path: '/drafts', body: { payment } })
  await keepStep(request, { userId, step: 'payment' })
  return { status: 200, body: { status: 'authorized', authorization_id: authorizationId } }
}

/** POST /api/v1/checkout: all at once. The card is authorised while shipping is being priced. */
async function checkOut(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  const order: Record<string, unknown> = {
    cart_id: textField(body, ['cart_id', 'cartId']),
    shipping_address: textOrObjectField(body, ['shipping_address', 'shippingAddress']),
    payment_method: paymentField(body, ['payment_method', 'paymentMethod']),
  }
  const clientOrderId = optionalText(body, ['clientOrderId', 'client_order_id'])
  if (clientOrderId !== undefined) order['client_order_id'] = clientOrderId
  const token = String(order['payment_method'])
  const [options] = await Promise.all([
    quotesOf(request),
    authorizationOf(request, { method: 'card', token }),
  ])
  const placed = await request.call({
    ...{ peer: 'order', method: 'POST', path: '/orders/from-cart', body: order },
  })
  const answer = jsonOf<JsonObject & { readonly id: string }>(placed)
  const userId = request.userId ?? 'guest'
  const id = await keepStep(request, { userId, step: 'checkout', orderId: answer.id })
  const replayed = placed.headers['idempotent-replayed']
  return {
    status: 201,
    body: { ...answer, checkout_id: id, shipping_options: options },
    headers: typeof replayed === 'string' ? { 'idempotent-replayed': replayed } : {},
  }
}

async function quotesOf(request: ShopRequest): Promise<readonly Quote[]> {
  const answer = await request.call({ peer: 'shipment', method: 'GET', path: '/quotes' })
  return jsonOf<{ readonly quotes: readonly Quote[] }>(answer).quotes
}

async function authorizationOf(request: ShopRequest, body: JsonObject): Promise<string> {
  const call = { peer: 'payment', method: 'POST', path: '/authorizations', body } as const
  return jsonOf<{ readonly id: string }>(await request.call(call)).id
}

async function keepStep(
  request: ShopRequest,
  taken: { readonly userId: string; readonly step: string; readonly orderId?: string },
): Promise<string> {
  const id = `chk-${randomUUID()}`
  await request.query('insert into steps (id, user_id, step, order_id) values ($1, $2, $3, $4)', [
    ...[id, taken.userId, taken.step, taken.orderId ?? null],
  ])
  return id
}
