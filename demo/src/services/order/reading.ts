import { integerParam, listParam, textParam } from '../../kit/http/input.ts'
import { jsonOf } from '../../kit/calls/peers.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { Payment } from '../payment/payment.ts'
import { signedIn } from './checkout.ts'

interface OrderRow {
  readonly id: string
  readonly userId: string
  readonly status: string
  readonly currency: string
  readonly totalCents: number
  readonly trackingId: string | null
  readonly createdAt: Date
}

interface ItemRow {
  readonly orderId: string
  readonly sku: string
  readonly quantity: number
  readonly unitPriceCents: number
}

const columns = `id, user_id as "userId", status, currency, total_cents as "totalCents",
  tracking_id as "trackingId", created_at as "createdAt"`

const parts = ['items', 'payments', 'shipments']

/** The signed-in user's orders, newest first. */
export async function listOwn(request: ShopRequest): Promise<Answer> {
  return list(request, signedIn(request))
}

/** The orders of the user named in the query; without one, of the signed-in user. */
export async function listOfUser(request: ShopRequest): Promise<Answer> {
  const userId = textParam(request.search, 'user_id') ?? request.userId
  if (userId === undefined) throw new Problem(400, 'user_id is missing')
  return list(request, userId)
}

export async function show(request: ShopRequest): Promise<Answer> {
  const id = request.param('id')
  const [row] = await request.query<OrderRow>(`select ${columns} from orders where id = $1`, [id])
  if (!row) throw new Problem(404, `there is no order ${id}`)
  const [order] = await withParts(request, [row], ['items', 'shipments'])
  return { status: 200, body: order }
}

async function list(request: ShopRequest, userId: string): Promise<Answer> {
  const limit = integerParam(request.search, 'limit', { min: 1, max: 100, default: 20 })
  const include = listParam(request.search, 'include')
  const unknown = include.find(part => !parts.includes(part))
  if (unknown !== undefined) {
    throw new Problem(400, `include takes ${parts.join(', ')}, not ${unknown}`)
  }
  const rows = await request.query<OrderRow>(
    `select ${columns} from orders where user_id = $1 and status <> 'failed'
     order by created_at desc limit $2`,
    [userId, limit],
  )
  return { status: 200, body: { orders: await withParts(request, rows, include), limit } }
}

async function withParts(
  request: ShopRequest,
  rows: readonly OrderRow[],
  include: readonly string[],
): Promise<object[]> {
  const ids = rows.map(row => row.id)
  const wants = (part: string) => include.includes(part) && ids.length > 0
  const [items, payments] = await Promise.all([
    wants('items') ? itemsOf(request, ids) : [],
    wants('payments') ? paymentsOf(request, ids) : [],
  ])
  const itemsByOrder = Map.groupBy(items, item => item.orderId)
  const paymentsByOrder = Map.groupBy(payments, payment => payment.orderId)
  return rows.map(row => ({
    ...shown(row),
    ...(include.includes('items') && { items: (itemsByOrder.get(row.id) ?? []).map(shownItem) }),
    ...(include.includes('payments') && { payments: paymentsByOrder.get(row.id) ?? [] }),
    ...(include.includes('shipments') && { shipments: shipmentsOf(row) }),
  }))
}

function itemsOf(request: ShopRequest, ids: readonly string[]): Promise<ItemRow[]> {
  return request.query<ItemRow>(
    `select order_id as "orderId", sku, quantity, unit_price_cents as "unitPriceCents"
     from order_items where order_id = any ($1) order by sku`,
    [ids],
  )
}

async function paymentsOf(request: ShopRequest, ids: readonly string[]): Promise<Payment[]> {
  const path = `/payments?order_ids=${encodeURIComponent(ids.join(','))}`
  const answer = await request.call({ peer: 'payment', method: 'GET', path })
  return jsonOf<{ payments: Payment[] }>(answer).payments
}

function shown(row: OrderRow): object {
  const { id, userId, status, currency, totalCents, createdAt } = row
  const total = totalCents / 100
  return { id, order_id: id, user_id: userId, status, currency, total, created_at: createdAt }
}

function shownItem({ sku, quantity, unitPriceCents }: ItemRow): object {
  return { product_id: sku, sku, quantity, unit_price: unitPriceCents / 100 }
}

function shipmentsOf(row: OrderRow): object[] {
  return row.trackingId === null ? [] : [{ id: row.trackingId, status: 'in_transit' }]
}
