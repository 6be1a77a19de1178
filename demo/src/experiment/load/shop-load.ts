/**
 * The load of an experiment: people who look around, members with a cart, and buyers, in fixed
 * shares of one rate that the command line sets. Every journey has its own scenario, so that each
 * can be told from the others. Accounts and goods are those that the shop always has.
 *
 *   npx loadstone run demo/src/experiment/load/shop-load.ts --rate 40/s -d 60s
 */
// loadstone-ignore no-cleanup (the shop forgets everything when it ends)
import { plan, scenario } from 'loadstone'

const target = 'http://127.0.0.1:8080'
const categories = ['books', 'home', 'garden', 'toys'] as const
const words = ['lamp', 'book', 'chair', 'blue', 'garden'] as const
const skus = Array.from({ length: 500 }, (_, index) => `sku-${2001 + index}`)
const accounts = 200
const password = 'P@ssword123!'

/** Shares of the journeys; only their proportions count. */
const share = (startsPerSecond: number) => ({
  load: { rate: `${startsPerSecond}/s`, duration: '1m', maxUsers: 500 },
})

const visitors = scenario('visitors', {
  target,
  ...share(7),
  tasks: {
    list: {
      weight: 4,
      run: async user => {
        await user.http.get('/api/catalog/products', {
          query: { category: user.random.oneOf(categories), page: user.random.int(1, 5) },
        })
      },
    },
    view: {
      weight: 4,
      run: async user => {
        await user.http.get('/api/catalog/products/:id', {
          params: { id: user.random.oneOf(skus) },
        })
      },
    },
    recommended: {
      weight: 2,
      run: async user => {
        await user.http.get('/api/v1/recommendations', {
          query: { product_id: user.random.oneOf(skus) },
        })
      },
    },
    search: {
      weight: 2,
      run: async user => {
        await user.http.get('/api/v1/search', { query: { q: user.random.oneOf(words) } })
      },
    },
  },
})

/** Each buys the same four goods again and again: a cart that grew would slow down by itself. */
const members = scenario('members', {
  target,
  ...share(2),
  async onStart(user) {
    const login = await user.http.post('/api/auth/login', {
      json: { email: `loadtest+${user.id % accounts}@example.com`, password },
      required: true,
    })
    const { access_token: token } = login.json<{ access_token: string }>()
    user.http.headers.set('authorization', `Bearer ${token}`)
  },
  tasks: {
    add: {
      weight: 3,
      run: async user => {
        await user.http.post('/api/cart/items', {
          json: {
            productId: skus[(user.id * 4 + user.random.int(0, 3)) % skus.length],
            quantity: 1,
          },
        })
      },
    },
    cart: {
      weight: 2,
      run: async user => {
        await user.http.get('/api/cart')
      },
    },
    orders: {
      weight: 2,
      run: async user => {
        await user.http.get('/api/orders', {
          query: { limit: 10, include: 'items,payments,shipments' },
        })
      },
    },
  },
})

const buyers = scenario('buyers', {
  target,
  ...share(1),
  async iteration(user) {
    const email = `loadtest+${user.id % accounts}@example.com`
    const login = await user.http.post('/api/auth/login', {
      json: { email, password },
      required: true,
    })
    const { access_token: token } = login.json<{ access_token: string }>()
    user.http.headers.set('authorization', `Bearer ${token}`)
    const cart = await user.http.post('/api/v1/cart', {
      json: { currency: 'EUR', region: 'eu' },
      required: true,
    })
    const { cart_id: id } = cart.json<{ cart_id: string }>()
    await user.http.post('/api/v1/cart/:id/items', {
      params: { id },
      json: { sku: user.random.oneOf(skus), quantity: 1 },
      required: true,
    })
    await user.http.post('/api/orders', {
      json: { cartId: id, currency: 'EUR', clientOrderId: user.random.uuid() },
      required: true,
    })
  },
})

export default plan({
  scenarios: [visitors, members, buyers],
  // The command line knows no flag for it; the experiment sets the variable.
  tracing: { sampled: Number(process.env['SHOP_SAMPLE_RATIO'] ?? '1') },
})
