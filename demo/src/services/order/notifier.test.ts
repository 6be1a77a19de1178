import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test, vi, type MockInstance } from 'vitest'
import { Problem } from '../../kit/http/problem.ts'
import type { ShopRequest } from '../../kit/http/request.ts'
import { notifierFor } from './notifier.ts'
import { orderSettings } from './order-settings.ts'

const order = { orderId: 'ord-1', userId: 'usr-1', total: 9.5 }
let errors: MockInstance<typeof console.error>
let registry: Registry
let asked: unknown[]

beforeEach(() => {
  registry = new Registry()
  asked = []
  errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => errors.mockRestore())

/** A request of which only the call to another service is used. */
const requestThat = (answer: () => Promise<unknown>) => {
  const call = (options: unknown) => {
    asked.push(options)
    return answer()
  }
  return { call } as unknown as ShopRequest
}
const counted = async (result: string) =>
  (await registry.metrics()).includes(`order_notifications_total{result="${result}"} 1`)

test('a confirmed order is handed over with a short deadline', async () => {
  await notifierFor(registry)(
    requestThat(async () => ({ status: 202 })),
    order,
  )
  expect(asked).toMatchObject([
    {
      peer: 'notification',
      timeoutMs: orderSettings.notificationTimeoutMs,
      body: { user_id: 'usr-1', kind: 'order-confirmed', data: { order_id: 'ord-1', total: 9.5 } },
    },
  ])
  expect(await counted('taken')).toBe(true)
})

test('a notification that is refused, late or impossible is counted; orders stand', async () => {
  for (const failure of [new Problem(504, 'too late'), new Error('no such service')]) {
    registry = new Registry()
    await notifierFor(registry)(
      requestThat(() => Promise.reject(failure)),
      order,
    )
    expect(await counted('failed')).toBe(true)
  }
  // Only what is our own mistake goes to the log.
  expect(errors.mock.calls).toEqual([['order: Error: no such service']])
})
