import { jsonOf } from '../../kit/calls/peers.ts'
import type { ShopRequest } from '../../kit/http/request.ts'
import { pricesOf } from '../offers.ts'
import type { CartItem, TakenCart } from '../cart.ts'
import type { Shipment } from '../shipment.ts'
import type { OrderState } from './claiming.ts'
import { orderSettings } from './order-settings.ts'

interface Plan {
  readonly orderId: string
  readonly cartId: string
  /** Undefined: the cart's. */
  readonly currency: string | undefined
  readonly paymentToken: string
}

/**
 * Cart, prices, stock, parcel, payment. When a step refuses, what was taken before is given back
 * in the opposite order. The payment comes last: nothing after it is expected to refuse.
 */
export async function carriedOut(request: ShopRequest, plan: Plan): Promise<OrderState> {
  const { orderId, cartId, paymentToken } = plan
  const cartPath = `/carts/${encodeURIComponent(cartId)}`
  const taken = await request.call({ peer: 'cart', method: 'POST', path: `${cartPath}/take` })
  const cart = jsonOf<TakenCart>(taken)
  const currency = plan.currency ?? cart.currency
  const undo = [() => giveBack(request, 'cart', `${cartPath}/restore`, { items: cart.items })]
  try {
    const items = await pricedNow(request, cart.items, currency)
    const reservationId = await reserve(request, { orderId, region: cart.region, items })
    undo.push(() => giveBack(request, 'inventory', `/reservations/${reservationId}`))
    const trackingId = await sendParcel(request, orderId)
    undo.push(() => giveBack(request, 'shipment', `/shipments/${trackingId}`))
    const body = {
      ...{ order_id: orderId, amount: totalCentsOf(items) / 100, currency, method: paymentToken },
    }
    await request.call({ peer: 'payment', method: 'POST', path: '/payments', body })
    return await finish(request, { orderId, status: 'confirmed', trackingId, currency, items })
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

/** Takes the goods from stock; answers the reservation's id. */
export async function reserve(
  request: ShopRequest,
  wanted: {
    readonly orderId: string
    readonly region: string
    readonly items: readonly CartItem[]
  },
): Promise<string> {
  const items = wanted.items.map(({ sku, quantity }) => ({ sku, quantity }))
  const body = { order_id: wanted.orderId, warehouse_region: wanted.region, items }
  const call = { peer: 'inventory', method: 'POST', path: '/reservations', body } as const
  return jsonOf<{ readonly id: string }>(await request.call(call)).id
}

/** Writes down how the order ended and what is in it. */
export async function finish(
  request: ShopRequest,
  order: Omit<OrderState, 'totalCents'> & {
    readonly currency: string
    readonly items: readonly CartItem[]
  },
): Promise<OrderState> {
  const { orderId, status, trackingId, currency, items } = order
  const totalCents = totalCentsOf(items)
  await request.transaction(async query => {
    await query(
      `update orders set status = $2, currency = $3, total_cents = $4, tracking_id = $5
       where id = $1`,
      [orderId, status, currency, totalCents, trackingId],
    )
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
  return { orderId, status, totalCents, trackingId }
}

async function pricedNow(
  request: ShopRequest,
  items: readonly CartItem[],
  currency: string,
): Promise<CartItem[]> {
  const cents = await pricesOf(request, { items, currency }, orderSettings)
  return items.map(item => {
    return { ...item, unitPriceCents: cents.get(item.sku) ?? item.unitPriceCents }
  })
}

async function sendParcel(request: ShopRequest, orderId: string): Promise<string> {
  const body = { order_id: orderId }
  const call = { peer: 'shipment', method: 'POST', path: '/shipments', body } as const
  return jsonOf<Shipment>(await request.call(call)).id
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

const totalCentsOf = (items: readonly CartItem[]) =>
  items.reduce((sum, item) => sum + item.quantity * item.unitPriceCents, 0)
