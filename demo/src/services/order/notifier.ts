import { Counter, type Registry } from 'prom-client'
import { Problem } from '../../kit/http/problem.ts'
import type { ShopRequest } from '../../kit/http/request.ts'
import { orderSettings } from './order-settings.ts'

/** Tells the customer that an order was confirmed. */
export type Notify = (
  request: ShopRequest,
  order: { readonly orderId: string; readonly userId: string; readonly total: number },
) => Promise<void>

/**
 * Hands the message over to the notification service and waits until it has it, for a short time.
 * One that is not taken is counted and given up: the order stands all the same.
 */
export function notifierFor(registry: Registry): Notify {
  const notifications = new Counter({
    name: 'order_notifications_total',
    help: 'Notifications about confirmed orders, by whether they were taken',
    labelNames: ['result'],
    registers: [registry],
  })
  return async (request, { orderId, userId, total }) => {
    try {
      await request.call({
        peer: 'notification',
        method: 'POST',
        path: '/notifications',
        body: { user_id: userId, kind: 'order-confirmed', data: { order_id: orderId, total } },
        timeoutMs: orderSettings.notificationTimeoutMs,
      })
      notifications.inc({ result: 'taken' })
    } catch (error) {
      if (!(error instanceof Problem)) console.error(`order: ${String(error)}`)
      notifications.inc({ result: 'failed' })
    }
  }
}
