/**
 * The way from a cart to an order, as one iteration with named steps. Visitors arrive at random
 * with a mean rate (open model): a slow shop does not slow their arrival. Each step is a series of
 * its own, so the report says what "order" takes as the visitor sees it. clientOrderId is made once
 * a visit: the same order sent twice would still be one order.
 *
 *   npx loadstone run examples/checkout.ts --rate 20/s -d 30s
 */
// loadstone-ignore no-cleanup (the demo shop forgets everything when it ends)
import { plan, scenario } from 'loadstone'

const skus = Array.from({ length: 500 }, (_, index) => `sku-${2001 + index}`)

export const checkout = scenario('checkout', {
  target: 'http://127.0.0.1:8080',
  load: { rate: '10/s', rampUp: '10s', duration: '1m', poisson: true, maxUsers: 200 },

  async iteration(user) {
    const visit = user.random.uuid()
    const bearer = await user.step('log in', async () => {
      const login = await user.http.post('/api/auth/login', {
        json: { email: `loadtest+${user.id}@example.com`, password: 'P@ssword123!' },
        expect: 200,
        required: true,
      })
      return `Bearer ${login.json<{ access_token: string }>().access_token}`
    })
    user.http.headers.set('authorization', bearer)

    const cartId = await user.step('fill the cart', async () => {
      const cart = await user.http.post('/api/v1/cart', {
        json: { currency: 'EUR', region: 'eu' },
        expect: 201,
        required: true,
      })
      const { cart_id: id } = cart.json<{ cart_id: string }>()
      await user.http.post('/api/v1/cart/:id/items', {
        params: { id },
        json: { sku: user.random.oneOf(skus), quantity: user.random.int(1, 2) },
        expect: 201,
        required: true,
      })
      return id
    })
    await user.think('100ms', '400ms')

    const orderId = await user.step('order', async () => {
      await user.http.post('/api/checkout/shipping', {
        json: { street: '1 Main St', city: 'Berlin', zip: '10115', country: 'DE' },
        required: true,
      })
      await user.http.post('/api/checkout/payment', {
        json: { paymentMethod: 'card', cardToken: 'tok_visa', billingZip: '10115' },
        required: true,
      })
      const placed = await user.http.post('/api/orders', {
        json: { cartId, currency: 'EUR', clientOrderId: visit },
        expect: 201,
        check: { 'has an id': order => 'id' in order.json<object>() },
        required: true,
      })
      return placed.json<{ id: string }>().id
    })
    await user.http.get('/api/orders/:id', { params: { id: orderId }, expect: 200 })
  },
})

export default plan({
  scenarios: [checkout],
  thresholds: ['errors < 1%', 'order: p95 < 1s', 'drops < 1'],
})
