/**
 * What visitors get when a dependency is slow. A page has a part that it cannot do without (the
 * product: two seconds, or the visit ends) and one that it can (recommendations: one second, or
 * the page is shown without them). Each request has its own timeout, and one that is missed is a
 * failure of that series: the report says which part broke, and whether the page as a whole held.
 * Orders are never sent twice here: what is not safe to repeat is not retried.
 *
 *   npx loadstone run examples/resilience.ts
 *
 * Everything holds on a healthy shop. These faults, set at its control port, break one part each:
 *   curl 127.0.0.1:8081/faults -d '{"name":"pauses","parameters":{"pauseMs":3000,"everyMs":5000}}'
 *     the catalog stands still at times: the product page
 *   curl 127.0.0.1:8081/faults -d '{"name":"slow-canary","parameters":{"rounds":1000000}}'
 *     the new version of the recommendations is slow: they are left out, the page holds
 *   curl 127.0.0.1:8081/faults -d '{"name":"slow-bank","parameters":{"answerMs":4000}}'
 *     the bank is slow: payments, while the pages are as fast as ever
 *   curl 127.0.0.1:8081/faults -X DELETE
 *     all is well again
 */
// loadstone-ignore no-cleanup (the demo shop forgets everything when it ends)
import { between, plan, scenario, type User } from 'loadstone'

export const resilience = scenario('resilience', {
  target: 'http://127.0.0.1:8080',
  load: { users: 20, rampUp: '5s', duration: '1m' },
  thinkTime: between('0.5s', '2s'),
  timeout: '5s',

  tasks: {
    look: {
      weight: 4,
      run: async user => {
        await user.step('product page', async () => {
          const id = anyProduct(user)
          await user.http.get('/api/v1/products/:id', {
            name: 'GET /api/v1/products/:id (must)',
            params: { id },
            timeout: '2s',
            expect: 200,
            required: true,
          })
          await user.http.get('/api/v1/recommendations', {
            name: 'GET /api/v1/recommendations (may)',
            query: { product_id: id },
            timeout: '1s',
            expect: 200,
          })
        })
      },
    },
    buy: {
      weight: 1,
      run: async user => {
        const ordered = await user.http.post('/orders', {
          json: { user_id: `loadtest-${user.id}`, item: anyProduct(user) },
          timeout: '2s',
          expect: 201,
          required: true,
        })
        const { id } = ordered.json<{ id: string }>()
        await user.http.post('/payments', {
          json: { order_id: id, amount: user.random.int(10, 90) },
          timeout: '3s',
          expect: 200,
        })
      },
    },
  },
})

const anyProduct = (user: User) => `sku-${user.random.int(2001, 4000)}`

export default plan({
  scenarios: [resilience],
  tags: { purpose: 'resilience', dependency: 'healthy' },
  warmUp: '5s',
  thresholds: [
    'product page: p95 < 2s',
    'GET /api/v1/products/:id (must): errors < 1%',
    'GET /api/v1/recommendations (may): errors < 5%',
    'POST *: errors < 1%',
  ],
})
