/**
 * OAuth 2.0's password grant at a token endpoint with the path Keycloak uses: a form, not JSON, and
 * an answer that says what kind of token it is. Each user has a name of its own; the password comes
 * with -e PASSWORD=... . Then anonymous and signed-in requests to the same page, under two names:
 * the difference between them is what being signed in costs.
 *
 *   npx loadstone run examples/token-endpoint.ts
 */
import { between, plan, scenario } from 'loadstone'

interface Token {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
}

const skus = Array.from({ length: 500 }, (_, index) => `sku-${2001 + index}`)

export const tokenEndpoint = scenario('token endpoint', {
  target: 'http://127.0.0.1:8080',
  load: { users: 10, rampUp: '5s', duration: '1m' },
  thinkTime: between('0.5s', '2s'),
  headers: { 'x-request-source': 'loadstone' },

  async onStart(user) {
    const answer = await user.http.post('/auth/realms/shop/protocol/openid-connect/token', {
      form: {
        grant_type: 'password',
        client_id: 'shop-app',
        username: `loadtest-user-${user.id}`,
        password: user.env.PASSWORD ?? 'P@ssw0rd-LoadTest!',
      },
      expect: 200,
      check: { 'is a bearer token': answer => answer.json<Token>().token_type === 'Bearer' },
      required: true,
    })
    return { authorization: `Bearer ${answer.json<Token>().access_token}` }
  },

  tasks: {
    anonymous: async user => {
      await user.http.get('/api/catalog/products/:id', {
        name: 'GET /api/catalog/products/:id (anonymous)',
        params: { id: user.random.oneOf(skus) },
        expect: 200,
      })
    },
    signedIn: async user => {
      await user.http.get('/api/catalog/products/:id', {
        name: 'GET /api/catalog/products/:id (auth)',
        headers: user.state,
        params: { id: user.random.oneOf(skus) },
        expect: 200,
      })
    },
    cart: async user => {
      await user.http.get('/api/cart', { headers: user.state, expect: 200 })
    },
  },
})

export default plan({
  scenarios: [tokenEndpoint],
  thresholds: ['POST /auth/*: p95 < 1s', 'GET *: p95 < 1s', 'errors < 1%'],
})
