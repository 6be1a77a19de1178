/**
 * A canary release: beta testers (x-user-segment) must always get the new version of the
 * recommendations, everybody else gets it by weight, and nobody a third one. The version that
 * answered is in x-upstream-version: an unexpected one is a failure, so wrong routing cannot pass
 * for a good canary. What a visitor opens next is counted by version: the two counts of
 * "GET recommended product" are the share that the canary really gets, next to its latency.
 *
 *   npx loadstone run examples/canary.ts
 *   npm run shop -- --canary-weight 50                  and run it again: half of them
 *   npm run shop -- --fault ignored-header              the header means nothing: it fails
 */
import { between, plan, scenario, type User } from 'loadstone'

const path = '/api/v1/recommendations'

export const canary = scenario('canary', {
  target: 'http://127.0.0.1:8080',
  load: { users: 20, rampUp: '5s', duration: '1m' },
  thinkTime: between('0.5s', '2s'),

  tasks: {
    betaTester: {
      weight: 1,
      run: async user => {
        await user.http.get(path, {
          name: `GET ${path} (canary)`,
          headers: { 'x-user-segment': 'beta-testers' },
          query: { product_id: anyProduct(user) },
          expect: 200,
          check: {
            'the canary answers': ({ headers }) =>
              headers.get('x-upstream-version') === 'canary-v2' ||
              `a beta tester got ${headers.get('x-upstream-version')}`,
          },
        })
      },
    },
    visitor: {
      weight: 4,
      run: async user => {
        const answer = await user.http.get(path, {
          name: `GET ${path} (by weight)`,
          query: { product_id: anyProduct(user) },
          expect: 200,
          check: {
            'a known version answers': ({ headers }) =>
              ['stable', 'canary-v2'].includes(headers.get('x-upstream-version') ?? '') ||
              `an unexpected version: ${headers.get('x-upstream-version')}`,
          },
          required: true,
        })
        const [first] = answer.json<{ recommendations: { id: string }[] }>().recommendations
        if (first === undefined) return
        const isCanary = answer.headers.get('x-upstream-version') === 'canary-v2'
        await user.http.get('/api/v1/products/:id', {
          name: `GET recommended product ${isCanary ? '(canary)' : '(stable)'}`,
          params: { id: first.id },
          expect: 200,
        })
      },
    },
  },
})

const anyProduct = (user: User) => `sku-${user.random.int(2001, 4000)}`

export default plan({
  scenarios: [canary],
  warmUp: '5s',
  thresholds: [
    `GET ${path} (canary): errors < 1%`,
    `GET ${path} (canary): p95 < 1s`,
    `GET ${path} (by weight): p95 < 1s`,
    'errors < 1%',
    'checks > 99%',
  ],
})
