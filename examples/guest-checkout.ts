/**
 * Guests buy without an account: goods are set aside first, then ordered, either all at once
 * (checkout) or as an order of its own. That the shelf is empty (409) is an answer of the shop and
 * no failure of the system: it is expected, and the visit ends. An order that was answered too late
 * may be sent again: its clientOrderId makes it the same order, so nobody pays twice.
 *
 *   npx loadstone run examples/guest-checkout.ts --rate 10/s -d 30s
 */
// loadstone-ignore no-cleanup (the demo shop forgets everything when it ends)
import { plan, scenario } from 'loadstone'

const regions = ['eu', 'us-east', 'us-west'] as const

export const guestCheckout = scenario('guest checkout', {
  target: 'http://127.0.0.1:8080',
  load: { rate: '5/s', rampUp: '10s', duration: '1m', poisson: true, maxUsers: 100 },

  async iteration(user) {
    const sku = `sku-${user.random.int(2001, 4000)}`
    const region = user.random.oneOf(regions)
    const clientOrderId = user.random.uuid()

    const reserved = await user.http.post('/api/v1/inventory/reservations', {
      json: {
        order_id: clientOrderId,
        items: [{ sku, quantity: 1 }],
        warehouse_region: region,
      },
      expect: [201, 409],
      required: true,
    })
    if (reserved.status === 409) return

    const cart = await user.http.post('/api/v1/cart', {
      json: { currency: 'EUR', region },
      expect: 201,
      required: true,
    })
    const { cart_id: cartId } = cart.json<{ cart_id: string }>()
    await user.http.post('/api/v1/cart/:id/items', {
      params: { id: cartId },
      json: { sku, quantity: 1 },
      expect: 201,
      required: true,
    })
    await user.think('200ms', '800ms')

    const json = {
      cart_id: cartId,
      currency: 'EUR',
      clientOrderId,
      shipping_address: { street: '1 Main St', city: 'Berlin', zip: '10115', country: 'DE' },
      payment_method: 'tok_visa',
    }
    const path = user.random.chance(0.5) ? '/api/v1/checkout' : '/api/v1/orders'
    const first = await user.http.post(path, { json, expect: [201, 504] })
    if (first.status !== 504) return
    await user.http.post(path, { name: `POST ${path} (again)`, json, expect: 201 })
  },
})

export default plan({
  scenarios: [guestCheckout],
  thresholds: ['POST /api/v1/checkout: p95 < 1s', 'p99 < 2s', 'errors < 1%', 'drops < 1'],
})
