/**
 * People who know what they want: a search, one of its hits, and what goes with it. The words come
 * from a file, a line for each iteration, so that not all ask for the same; what is opened comes
 * out of the answer. A search without a hit is an answer too, and ends the visit.
 *
 *   npx loadstone run examples/catalog-search.ts
 */
import { between, csv, plan, scenario } from 'loadstone'

interface Found {
  readonly items: readonly { readonly id: string }[]
  readonly total: number
}

const sorts = [
  'relevance',
  'relevance',
  'relevance',
  'price',
  '-price',
  'rating',
  'newest',
] as const

export const catalogSearch = scenario('catalog search', {
  target: 'http://127.0.0.1:8080',
  load: { users: 20, rampUp: '5s', duration: '1m' },
  thinkTime: between('1s', '3s'),
  data: {
    search: csv<{ term: string }>('search-terms.csv', { give: 'random', per: 'iteration' }),
  },

  async iteration(user) {
    const answer = await user.http.get('/api/v1/search', {
      query: { q: user.data.search.term, sort: user.random.oneOf(sorts) },
      expect: 200,
      check: { 'says how many': answer => Number.isInteger(answer.json<Found>().total) },
      required: true,
    })
    const { items } = answer.json<Found>()
    if (items.length === 0) return
    await user.think('500ms', '2s')

    const { id } = user.random.oneOf(items)
    await user.http.get('/api/v1/catalog/products/:sku', {
      params: { sku: id },
      expect: 200,
      check: { 'is the one asked for': hit => hit.json<{ id: string }>().id === id },
    })
    await user.http.get('/api/v1/recommendations', { query: { product_id: id }, expect: 200 })
  },
})

export default plan({
  scenarios: [catalogSearch],
  warmUp: '5s',
  thresholds: ['GET /api/v1/search: p95 < 1s', 'p99 < 2s', 'errors < 1%'],
})
