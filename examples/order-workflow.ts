/**
 * A chained workflow over several services: a new user, an order for that user, the payment of that
 * order. Each exchange uses what the one before it returned, so each is `required`: when one fails,
 * the iteration ends and the dependent ones do not run on a failed answer. Each request has a
 * correlation id of its own: one for all of a user's requests would tell no two log lines apart.
 *
 *   npx loadstone run examples/order-workflow.ts
 */
// loadstone-ignore no-cleanup (the demo shop forgets everything when it ends)
import { between, plan, scenario } from 'loadstone'

export const workflow = scenario('order workflow', {
  target: 'http://127.0.0.1:8080',
  load: {
    stages: [
      { users: 10, over: '10s' },
      { users: 10, for: '30s' },
      { users: 0, over: '5s' },
    ],
  },
  thinkTime: between('0.5s', '1s'),

  async iteration(user) {
    const marked = () => ({ 'x-correlation-id': user.random.uuid() })

    const created = await user.http.post('/users', {
      json: { username: `loadtest-${user.id}-${user.iteration}` },
      headers: marked(),
      expect: 201,
      required: true,
    })
    const { id: userId } = created.json<{ id: string }>()

    const ordered = await user.http.post('/orders', {
      json: { user_id: userId, item: `sku-${user.random.int(2001, 4000)}` },
      headers: marked(),
      expect: 201,
      required: true,
    })
    const order = ordered.json<{ id: string }>()

    await user.http.post('/payments', {
      json: { order_id: order.id, amount: user.random.int(10, 90) },
      headers: marked(),
      expect: 200,
      required: true,
    })
  },
})

export default plan({
  scenarios: [workflow],
  thresholds: ['POST /payments: p95 < 1s', 'errors < 1%'],
})
