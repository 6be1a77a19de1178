import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Problem } from '../../kit/http/problem.ts'
import type { ShopRequest } from '../../kit/http/request.ts'
import { orderSettings } from './order-settings.ts'

/** An order as its table has it. */
export interface OrderState {
  readonly orderId: string
  readonly status: string
  readonly totalCents: number
  readonly trackingId: string | null
}

export type Claim =
  /** The order is this request's to carry out. */
  | { readonly known: false; readonly orderId: string }
  /** The same clientOrderId came before, and that order is done. */
  | { readonly known: true; readonly first: OrderState }

interface NewOrder {
  readonly userId: string
  readonly clientOrderId?: string | undefined
  readonly currency: string
  readonly shipping: unknown
}

/**
 * Writes the order down before anything else happens. Of several requests with the same
 * clientOrderId one carries it out; the others wait for it and get the same order. When it fails,
 * one of those that wait is the next to try.
 */
export async function claim(request: ShopRequest, order: NewOrder): Promise<Claim> {
  const untilMs = performance.now() + orderSettings.replayWaitMs
  for (;;) {
    const orderId = `ord-${randomUUID()}`
    if (await isWritten(request, orderId, order)) return { known: false, orderId }
    const first = await firstWith(request, order)
    if (first && first.status !== 'pending') return { known: true, first }
    if (first?.isAbandoned) await giveUp(request, first.orderId)
    if (performance.now() >= untilMs) {
      const detail = `order ${order.clientOrderId ?? ''} is still being placed; ask again`
      throw new Problem(409, detail, { 'retry-after': '1' })
    }
    await delay(orderSettings.replayPollMs)
  }
}

/** A failed order frees its clientOrderId: the customer may try again with the same one. */
export async function orFail<T>(
  request: ShopRequest,
  orderId: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await giveUp(request, orderId)
    throw error
  }
}

async function isWritten(request: ShopRequest, id: string, order: NewOrder): Promise<boolean> {
  const { userId, clientOrderId, currency, shipping } = order
  const made = await request.query(
    `insert into orders (id, user_id, client_order_id, status, currency, shipping)
     values ($1, $2, $3, 'pending', $4, $5) on conflict do nothing returning id`,
    [id, userId, clientOrderId ?? null, currency, JSON.stringify(shipping)],
  )
  return made.length > 0
}

interface FirstRow extends OrderState {
  /** Pending for so long that the process which carried it out must have ended. */
  readonly isAbandoned: boolean
}

async function firstWith(request: ShopRequest, order: NewOrder): Promise<FirstRow | undefined> {
  const [first] = await request.query<FirstRow>(
    `select id as "orderId", status, total_cents as "totalCents", tracking_id as "trackingId",
       status = 'pending' and created_at < now() - interval '1 minute' as "isAbandoned"
     from orders where user_id = $1 and client_order_id = $2`,
    [order.userId, order.clientOrderId],
  )
  return first
}

async function giveUp(request: ShopRequest, orderId: string): Promise<void> {
  await request.query(
    `update orders set status = 'failed', client_order_id = null
     where id = $1 and status = 'pending'`,
    [orderId],
  )
}
