import { isObject, textField } from '../../kit/http/input.ts'
import { jsonOf } from '../../kit/calls/peers.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'

const shippingOptions = [
  { id: 'standard', price: 4.9, days: 4 },
  { id: 'express', price: 12.9, days: 1 },
]

/** Keeps where the signed-in user's next order goes, and answers what shipping costs. */
export async function chooseShipping(request: ShopRequest): Promise<Answer> {
  const userId = signedIn(request)
  const shipping = await request.json()
  if (Object.keys(shipping).length === 0) throw new Problem(400, 'the body names no address')
  await request.query(
    `insert into checkouts (user_id, shipping) values ($1, $2)
     on conflict (user_id) do update set shipping = excluded.shipping`,
    [userId, JSON.stringify(shipping)],
  )
  return { status: 200, body: { status: 'shipping_set', options: shippingOptions } }
}

/** Has the card authorised and keeps it for the signed-in user's next order. */
export async function choosePayment(request: ShopRequest): Promise<Answer> {
  const userId = signedIn(request)
  const body = await request.json()
  const method = textField(body, ['paymentMethod', 'payment_method'])
  const token = textField(body, ['cardToken', 'card_token'])
  const billingZip = textField(body, ['billingZip', 'billing_zip'])
  const answer = await request.call({
    ...{ peer: 'payment', method: 'POST', path: '/authorizations', body: { method, token } },
  })
  const { id } = jsonOf<{ id: string }>(answer)
  const payment = { authorizationId: id, method, token, billingZip }
  await request.query(
    `insert into checkouts (user_id, payment) values ($1, $2)
     on conflict (user_id) do update set payment = excluded.payment`,
    [userId, JSON.stringify(payment)],
  )
  return { status: 200, body: { status: 'authorized', authorization_id: id } }
}

export interface Checkout {
  readonly shipping: unknown
  /** A card token, or the name of a payment method. */
  readonly paymentToken: string
}

interface ChosenRow {
  readonly shipping: unknown
  readonly payment: unknown
}

/** What the user chose before; a user who chose nothing pays by card. */
export async function chosenBy(request: ShopRequest, userId: string): Promise<Checkout> {
  const [row] = await request.query<ChosenRow>(
    'select shipping, payment from checkouts where user_id = $1',
    [userId],
  )
  return { shipping: row?.shipping ?? null, paymentToken: tokenOf(row?.payment ?? 'card') }
}

/** 'tok_visa', 'card', {token: 'tok_visa'} or {type: 'card'} in one word. */
export function tokenOf(payment: unknown): string {
  if (typeof payment === 'string') return payment
  if (!isObject(payment)) return 'card'
  const named = ['token', 'card_token', 'cardToken', 'method', 'type']
    .map(name => payment[name])
    .find(value => typeof value === 'string' && value !== '')
  return typeof named === 'string' ? named : 'card'
}

export function signedIn(request: ShopRequest): string {
  if (request.userId === undefined) throw new Problem(401, 'sign in first')
  return request.userId
}
