/**
 * The load of an experiment: people who look around, members with a cart, buyers, and two kinds of
 * work that is done later (reports, documents), in fixed shares of one rate that the command line
 * sets. Every journey has its own scenario, so that each
 * can be told from the others. Accounts and goods are those that the shop always has.
 *
 *   npx loadstone run demo/src/experiment/load/shop-load.ts --rate 40/s -d 60s
 */
// loadstone-ignore no-cleanup (the shop forgets everything when it ends)
import { plan, scenario } from 'loadstone'

const target = 'http://127.0.0.1:8080'
const categories = ['books', 'home', 'garden', 'toys'] as const
const pageSizes = [10, 20, 40] as const
const words = ['lamp', 'book', 'chair', 'blue', 'garden'] as const
const skus = Array.from({ length: 500 }, (_, index) => `sku-${2001 + index}`)
const accounts = 200
const password = 'P@ssword123!'
/** What is advertised is bought most: its row is the one that reservations meet at. */
const advertised = 'sku-1001'

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
          query: {
            category: user.random.oneOf(categories),
            page: user.random.int(1, 5),
            pageSize: user.random.oneOf(pageSizes),
          },
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
      json: { sku: user.random.chance(0.4) ? advertised : user.random.oneOf(skus), quantity: 1 },
      required: true,
    })
    await user.http.post('/api/orders', {
      json: { cartId: id, currency: 'EUR', clientOrderId: user.random.uuid() },
      required: true,
    })
  },
})

interface Work {
  readonly status: 'queued' | 'running' | 'processing' | 'completed' | 'failed'
}

const reporters = scenario('reporters', {
  target,
  ...share(0.7),
  async iteration(user) {
    const asked = await user.http.post('/api/v1/reports/usage', {
      headers: { authorization: 'Api-Key lf_demo_cloudnative_api_key' },
      json: {},
      required: true,
    })
    const { job_id: id } = asked.json<{ job_id: string }>()
    await user.poll('report completed', { every: '250ms', timeout: '30s' }, async () => {
      const job = await user.http.get('/api/v1/jobs/:id', { params: { id } })
      return job.ok && ['completed', 'failed'].includes(job.json<Work>().status)
    })
  },
})

const uploaders = scenario('uploaders', {
  target,
  ...share(0.6),
  async iteration(user) {
    const presigned = await user.http.post('/api/v1/uploads/presign', {
      headers: { 'x-api-key': 'demo-serverless-key-123456' },
      json: { file_name: 'receipt.txt', content_type: 'text/plain', document_type: 'receipt' },
      required: true,
    })
    const to = presigned.json<{ upload_url: string; file_id: string }>()
    const lines = Array.from({ length: user.random.int(20, 400) }, (_, line) => `line ${line}`)
    await user.http.post(to.upload_url, {
      name: 'POST storage upload',
      multipart: { file: { content: lines.join('\n'), filename: 'a.txt', type: 'text/plain' } },
      required: true,
    })
    const accepted = await user.http.post('/api/v1/documents/process', {
      headers: { 'x-api-key': 'demo-serverless-key-123456' },
      json: { file_id: to.file_id, pipeline: 'standard' },
      required: true,
    })
    const { document_id: id } = accepted.json<{ document_id: string }>()
    await user.poll('document processed', { every: '250ms', timeout: '30s' }, async () => {
      const document = await user.http.get('/api/v1/documents/:id', { params: { id } })
      return document.ok && ['completed', 'failed'].includes(document.json<Work>().status)
    })
  },
})

export default plan({
  scenarios: [visitors, members, buyers, reporters, uploaders],
  // The command line knows no flag for it; the experiment sets the variable.
  tracing: { sampled: Number(process.env['SHOP_SAMPLE_RATIO'] ?? '1') },
})
