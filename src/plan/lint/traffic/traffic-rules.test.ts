import { describe, expect, test } from 'vitest'
import { between } from '../../script/think-time.ts'
import { findingsOf } from '../../testing/lint-text.ts'

const browse = `await user.http.get('/a'); await user.http.get('/b')`
const users = { users: 5, duration: '1m' }

describe('no-think-time', () => {
  test('speaks up when users by number never pause', async () => {
    const found = await findingsOf('no-think-time', browse, { load: users })
    expect(found).toEqual([
      expect.stringMatching(/^warning: the users of scenario "x" never pause/),
    ])
  })

  test.each([
    ['a think time', browse, { load: users, thinkTime: between('1s', '2s') }],
    ['a pause in the script', `${browse}; await user.think('1s')`, { load: users }],
    ['a load by rate', browse, { load: { rate: 5, duration: '1m' } }],
    ['a fixed number of iterations', browse, { load: { iterations: 5, users: 1 } }],
  ])('is silent with %s', async (_, text, settings) => {
    expect(await findingsOf('no-think-time', text, settings)).toEqual([])
  })
})

describe('one-endpoint', () => {
  test('speaks up when all requests are the same', async () => {
    const text = `user.http.get('/a/:id', x)\nuser.http.get('/a/:id', y)`
    expect(await findingsOf('one-endpoint', text)).toEqual([
      expect.stringMatching(/^1: info: only GET \/a\/:id is loaded/),
    ])
  })

  test.each([browse, `user.http.get(path)`, `user.http.get('/a'); user.http.post('/a')`, ``])(
    'is silent on %s',
    async text => {
      expect(await findingsOf('one-endpoint', text)).toEqual([])
    },
  )
})

describe('health-only', () => {
  test.each(['/health', '/healthz', '/api/v1/ready', '/actuator/health', '/ping?verbose=1'])(
    'speaks up when %s is all, and one-endpoint leaves it the word',
    async path => {
      const text = `user.http.get('${path}')`
      expect(await findingsOf('health-only', text)).toHaveLength(1)
      expect(await findingsOf('one-endpoint', text)).toEqual([])
    },
  )

  test.each([`user.http.get('/health'); user.http.get('/a')`, `user.http.get('/healthy-food')`])(
    'is silent on %s',
    async text => {
      expect(await findingsOf('health-only', text)).toEqual([])
    },
  )
})

describe('value-in-template', () => {
  test('speaks up when a value is part of the template', async () => {
    const text = 'user.http.get(`/orders/${order.id}/items`)'
    expect(await findingsOf('value-in-template', text)).toEqual([
      expect.stringContaining(
        "GET /orders/${order.id}/items gets a series for every value; write ':id'",
      ),
    ])
  })

  test.each([
    'user.http.get(`/orders/${id}`, { name: "GET order" })',
    'user.http.get(`${base}/orders`)',
    'user.http.get(`/orders/${id}`, options)',
    `user.http.get('/orders/:id', { params: { id } })`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('value-in-template', text)).toEqual([])
  })
})

describe('tiny-id-pool', () => {
  test.each([
    `const skus = ['sku-1001', 'sku-1002'] as const
f({ p: user.random.oneOf(skus) })`,
    `user.http.get('/p/:id', { params: { id: user.random.oneOf(['red', 'blue']) } })`,
    `user.http.post('/o', { json: { productId: user.random.oneOf([a, b, c]) } })`,
  ])('speaks up on %s', async text => {
    expect(await findingsOf('tiny-id-pool', text)).toEqual([
      expect.stringMatching(/only [23] ids to draw from/),
    ])
  })

  test.each([
    `user.http.get('/p', { query: { category: user.random.oneOf(['books', 'home']) } })`,
    `const ids = Array.from({ length: 500 }, (_, i) => i)\nf({ id: user.random.oneOf(ids) })`,
    `f({ id: user.random.oneOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) })`,
    `f({ id: user.random.oneOf([...many]) })`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('tiny-id-pool', text)).toEqual([])
  })
})

describe('one-correlation-id', () => {
  test.each([
    `scenario('x', { async onStart(user) { user.http.headers.set('X-Correlation-ID', id()) } })`,
    `scenario('x', { headers: { 'x-request-id': randomUUID() } })`,
  ])('speaks up on %s', async text => {
    expect(await findingsOf('one-correlation-id', text)).toEqual([
      expect.stringContaining('this id is made once and then sent with every request'),
    ])
  })

  test.each([
    `scenario('x', { async iteration(user) { user.http.headers.set('x-correlation-id', id()) } })`,
    `scenario('x', { iteration: u => u.http.get('/', { headers: { 'x-correlation-id': id() } }) })`,
    `scenario('x', { headers: { 'x-request-source': 'loadtest' } })`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('one-correlation-id', text)).toEqual([])
  })
})
