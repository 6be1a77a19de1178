/**
 * The whole shop at once: people looking around and searching, members filling their carts and
 * reading what they have bought, visitors who arrive at random and buy, reports and documents in
 * the background. Each scenario has its own load; the report keeps them apart.
 *
 *   npm run demo        (starts the shop, runs this script, stops the shop)
 */
// loadstone-ignore no-cleanup (the demo shop forgets everything when it ends)
import { plan } from 'loadstone'
import { browse } from './browse.ts'
import { canary } from './canary.ts'
import { catalogSearch } from './catalog-search.ts'
import { checkout } from './checkout.ts'
import { loginAndCart } from './login-and-cart.ts'
import { orderHistory } from './order-history.ts'
import { usageReport } from './poll-a-job.ts'
import { uploadAndProcess } from './upload-and-process.ts'

const people = [browse, catalogSearch, canary, loginAndCart, orderHistory, checkout]
const background = [usageReport, uploadAndProcess]

export default plan({
  scenarios: [...people, ...background],
  warmUp: '5s',
  thresholds: [
    'errors < 1%',
    'GET /api/catalog/products: p95 < 500ms',
    'GET /api/v1/search: p95 < 1s',
    'POST /api/orders: p99 < 1s',
    'order: p95 < 2s',
    'report completed: p95 < 15s',
    'drops < 1',
  ],
})
