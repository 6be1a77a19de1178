import { fanOut } from '../../kit/calls/fan-out.ts'
import { jsonOf } from '../../kit/calls/peers.ts'
import { integerParam, listParam, textParam } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import { signedIn } from '../../kit/http/signed-in.ts'
import type { ProductName } from '../catalog/products.ts'
import type { Payment } from '../payment/payment.ts'
import type { Shipment } from '../shipment.ts'
import { orderSettings } from './order-settings.ts'

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

/** Items, payments and shipments are asked for at the same time, for all orders together. */
async function withParts(
  request: ShopRequest,
  rows: readonly OrderRow[],
  include: readonly string[],
): Promise<object[]> {
  const ids = rows.map(row => row.id)
  const wants = (part: string) => include.includes(part)
  const [items, payments, shipments] = await Promise.all([
    wants('items') ? itemsOf(request, ids) : undefined,
    wants('payments') ? paymentsOf(request, ids) : undefined,
    wants('shipments') ? shipmentsOf(request, ids) : undefined,
  ])
  return rows.map(row => ({
    ...shown(row),
    ...(items && { items: items.get(row.id) ?? [] }),
    ...(payments && { payments: payments.get(row.id) ?? [] }),
    ...(shipments && { shipments: shipments.get(row.id) ?? [] }),
  }))
}

type ByOrder<Part> = Map<string, Part[]>

/** The lines of the orders, with the names that the catalog has for the goods. */
async function itemsOf(request: ShopRequest, ids: readonly string[]): Promise<ByOrder<object>> {
  const found = await fanOut(ids, orderSettings, some =>
    request.query<ItemRow>(
      `select order_id as "orderId", sku, quantity, unit_price_cents as "unitPriceCents"
       from order_items where order_id = any ($1) order by sku`,
      [some],
    ),
  )
  const rows = found.flat()
  const skus = [...new Set(rows.map(row => row.sku))].filter(sku => !sku.includes(','))
  const answers = await fanOut(skus, orderSettings, some =>
    askedFor<{ readonly items: readonly ProductName[] }>(request, 'catalog', '/names?skus=', some),
  )
  const names = new Map(answers.flatMap(answer => answer.items).map(one => [one.sku, one.name]))
  const items = rows.map(row => [row.orderId, shownItem(row, names.get(row.sku))] as const)
  return grouped(items)
}

async function paymentsOf(request: ShopRequest, ids: readonly string[]): Promise<ByOrder<Payment>> {
  const answers = await fanOut(ids, orderSettings, some =>
    askedFor<{ payments: readonly Payment[] }>(request, 'payment', '/payments?order_ids=', some),
  )
  const payments = answers.flatMap(answer => answer.payments)
  return grouped(payments.map(payment => [payment.orderId, payment]))
}

async function shipmentsOf(
  request: ShopRequest,
  ids: readonly string[],
): Promise<ByOrder<Shipment>> {
  const answers = await fanOut(ids, orderSettings, some =>
    askedFor<{ shipments: readonly Shipment[] }>(
      ...([request, 'shipment', '/shipments?order_ids=', some] as const),
    ),
  )
  const shipments = answers.flatMap(answer => answer.shipments)
  return grouped(shipments.map(shipment => [shipment.orderId, shipment]))
}

async function askedFor<Found>(
  request: ShopRequest,
  peer: string,
  path: string,
  ids: readonly string[],
): Promise<Found> {
  const query = encodeURIComponent(ids.join(','))
  return jsonOf<Found>(await request.call({ peer, method: 'GET', path: `${path}${query}` }))
}

function grouped<Part>(pairs: readonly (readonly [orderId: string, part: Part])[]): ByOrder<Part> {
  const byOrder: ByOrder<Part> = new Map()
  for (const [orderId, part] of pairs) byOrder.set(orderId, [...(byOrder.get(orderId) ?? []), part])
  return byOrder
}

function shown(row: OrderRow): object {
  const { id, userId, status, currency, totalCents, trackingId, createdAt } = row
  const ids = { id, order_id: id, user_id: userId, tracking_id: trackingId }
  return { ...ids, status, currency, total: totalCents / 100, created_at: createdAt }
}

function shownItem({ sku, quantity, unitPriceCents }: ItemRow, name: string | undefined): object {
  return { product_id: sku, sku, name: name ?? sku, quantity, unit_price: unitPriceCents / 100 }
}
