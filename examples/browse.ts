/**
 * People looking around a shop: lists, product pages, a search through the catalog.
 *
 *   npx loadstone run examples/browse.ts
 */
import { between, plan, scenario } from 'loadstone'

const categories = ['books', 'home', 'garden', 'toys'] as const
const skus = Array.from({ length: 200 }, (_, index) => `sku-${2001 + index}`)

export const browse = scenario('browse', {
  target: 'http://127.0.0.1:8080',
  load: { users: 50, rampUp: '10s', duration: '1m' },
  thinkTime: between('0.5s', '2s'),

  tasks: {
    list: {
      weight: 4,
      run: async user => {
        await user.http.get('/api/catalog/products', {
          query: { category: user.random.oneOf(categories), page: user.random.int(1, 5) },
          check: { 'has products': response => response.text().includes('"sku"') },
        })
      },
    },
    view: {
      weight: 3,
      run: async user => {
        await user.http.get('/api/catalog/products/:id', {
          params: { id: user.random.oneOf(skus) },
          expect: 200,
        })
      },
    },
    lookAround: {
      weight: 1,
      run: async user => {
        await user.step('look around', async () => {
          await user.http.get('/api/v1/products', { query: { category: 'books', limit: 10 } })
          await user.think('200ms', '800ms')
          await user.http.get('/api/v1/products/:id', { params: { id: user.random.oneOf(skus) } })
        })
      },
    },
  },
})

export default plan({
  scenarios: [browse],
  warmUp: '5s',
  thresholds: ['p95 < 500ms', 'errors < 1%', 'GET /api/catalog/products: p99 < 1s'],
})
