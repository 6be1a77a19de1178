/**
 * Members look at what they have bought: a page that is put together from four services (orders,
 * the names of the goods, payments, parcels), one order, and where its parcel is. Each virtual user
 * is a customer with a history of three to six orders. A page like this is where N+1 queries show:
 * compare its p95 with `limit=1` and `limit=20`.
 *
 *   npx loadstone run examples/order-history.ts
 */
import { between, plan, scenario } from 'loadstone'

interface Order {
  readonly id: string
  readonly tracking_id: string
  readonly items: readonly object[]
  readonly payments: readonly object[]
  readonly shipments: readonly object[]
}

/** loadtest+0 to loadtest+1499@example.com have orders from the start. */
const customers = 1_500

export const orderHistory = scenario('order history', {
  target: 'http://127.0.0.1:8080',
  load: { users: 15, rampUp: '5s', duration: '1m' },
  thinkTime: between('1s', '3s'),

  async onStart(user) {
    const email = `loadtest+${user.id % customers}@example.com`
    const password = user.env.PASSWORD ?? 'P@ssword123!'
    const login = await user.http.post('/api/auth/login', {
      json: { email, password },
      expect: 200,
      required: true,
    })
    const { access_token: token } = login.json<{ access_token: string }>()
    user.http.headers.set('authorization', `Bearer ${token}`)
  },

  async iteration(user) {
    const listed = await user.http.get('/api/orders', {
      query: { limit: 20, include: 'items,payments,shipments' },
      expect: 200,
      check: {
        'has at least three orders': page => ordersOf(page.json()).length >= 3,
        'each order is whole': page =>
          ordersOf(page.json()).every(
            ({ items, payments, shipments }) =>
              items.length > 0 && payments.length > 0 && shipments.length > 0,
          ),
      },
      required: true,
    })
    await user.think('500ms', '2s')

    const order = user.random.oneOf(ordersOf(listed.json()))
    await user.http.get('/api/orders/:id', { params: { id: order.id }, expect: 200 })
    await user.http.get('/api/shipments/:id/events', {
      params: { id: order.tracking_id },
      expect: 200,
    })
  },
})

const ordersOf = (page: unknown) => (page as { readonly orders: readonly Order[] }).orders

export default plan({
  scenarios: [orderHistory],
  warmUp: '5s',
  thresholds: ['GET /api/orders: p95 < 1s', 'p99 < 2s', 'errors < 1%'],
})
