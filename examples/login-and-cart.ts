/**
 * Each virtual user logs in once with an account of its own (a row of accounts.csv), then fills and
 * reads its cart. The password is an environment value with a default, never a secret in the
 * script.
 *
 *   npx loadstone run examples/login-and-cart.ts
 */
import { between, csv, plan, scenario } from 'loadstone'

/** A cart holds at most 100 different goods. */
const skus = Array.from({ length: 80 }, (_, index) => `sku-${2001 + index}`)

export const loginAndCart = scenario('login and cart', {
  target: 'http://127.0.0.1:8080',
  load: { users: 20, rampUp: '5s', duration: '1m' },
  thinkTime: between('0.5s', '1.5s'),
  data: { accounts: csv<{ email: string; password: string }>('accounts.csv', { give: 'unique' }) },

  async onStart(user) {
    const { email, password } = user.data.accounts
    const login = await user.http.post('/api/auth/login', {
      json: { email, password },
      expect: 200,
      required: true,
    })
    const { access_token: token } = login.json<{ access_token: string }>()
    user.http.headers.set('authorization', `Bearer ${token}`)
    return { added: 0 }
  },

  tasks: {
    add: {
      weight: 2,
      run: async user => {
        const added = await user.http.post('/api/cart/items', {
          json: { productId: user.random.oneOf(skus), quantity: user.random.int(1, 3) },
          expect: 201,
        })
        if (added.ok) user.state.added++
      },
    },
    read: {
      weight: 1,
      run: async user => {
        await user.http.get('/api/cart', { expect: 200 })
      },
    },
  },

  async onStop(user) {
    user.log.debug(`${user.data.accounts.email} added ${user.state.added} goods`)
  },
})

export default plan({
  scenarios: [loginAndCart],
  thresholds: ['POST /api/cart/items: p95 < 1s', 'GET /api/cart: p95 < 1s', 'errors < 1%'],
})
