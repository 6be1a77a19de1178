/**
 * The whole shop at once: people looking around, members filling their carts, and visitors who
 * arrive at random and buy. Each scenario has its own load; the report keeps them apart.
 *
 *   npm run demo        (starts the shop, runs this script, stops the shop)
 */
import { plan } from 'loadstone'
import { browse } from './browse.ts'
import { checkout } from './checkout.ts'
import { loginAndCart } from './login-and-cart.ts'

export default plan({
  scenarios: [browse, loginAndCart, checkout],
  warmUp: '5s',
  thresholds: [
    'errors < 1%',
    'GET /api/catalog/products: p95 < 500ms',
    'POST /api/orders: p99 < 1s',
    'order: p95 < 2s',
    'drops < 1',
  ],
})
