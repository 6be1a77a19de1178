import { describe, expect, test } from 'vitest'
import { findingsOf } from '../../testing/lint-text.ts'

describe('missing-await', () => {
  test.each([`user.http.get('/a')`, `void user.think('1s')`, `user.step('a', async () => {})`])(
    'speaks up on %s',
    async text => {
      expect(await findingsOf('missing-await', `async user => { ${text} }`)).toEqual([
        expect.stringMatching(/^1: warning: nothing awaits this/),
      ])
    },
  )

  test.each([
    `async user => { await user.http.get('/a') }`,
    `async user => user.http.get('/a')`,
    `async user => { return user.http.get('/a') }`,
    `async user => { const pending = user.http.get('/a'); await pending }`,
    `async user => { await Promise.all([user.http.get('/a'), user.http.get('/b')]) }`,
    `async user => { user.http.headers.get('x-a') }`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('missing-await', text)).toEqual([])
  })
})

describe('login-unchecked', () => {
  test.each([
    `user.http.post('/api/auth/login', { json: { email } })`,
    `user.http.post('/auth/realms/shop/protocol/openid-connect/token', { form: {} })`,
    `const login = await user.http.post('/login', { required: false })\nuse(login.json())`,
    `user.http.request('POST', '/sessions', {})`,
  ])('speaks up on %s', async text => {
    expect(await findingsOf('login-unchecked', text)).toEqual([
      expect.stringMatching(/^1: warning: nothing checks that POST .* succeeds/),
    ])
  })

  test.each([
    `user.http.post('/login', { json: {}, expect: 200 })`,
    `user.http.post('/login', { required: true })`,
    `user.http.post('/login', { check: r => r.ok })`,
    `user.http.post('/login', { schema })`,
    `user.http.post('/login', options)`,
    `const login = await user.http.post('/login', {})\nif (!login.ok) return`,
    `user.http.get('/login')`,
    `user.http.post('/blog-inbox', {})`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('login-unchecked', text)).toEqual([])
  })
})

describe('dependent-steps', () => {
  const inTask = (body: string) => `scenario('x', { async iteration(user) {\n${body}\n} })`

  test.each([
    [
      'a value of an answer in a later path',
      `const order = await user.http.post('/orders', { json: {} })
       const { id } = order.json()
       await user.http.get('/orders/:id', { params: { id } })`,
      /^4: warning: this uses the answer of POST \/orders \(line 2\) even when that failed/,
    ],
    [
      'the answer itself in a later body',
      `const order = await user.http.post('/orders')
       await user.http.post('/payments', { json: { order: order.json().id } })`,
      /^3: /,
    ],
    [
      'a chain of variables',
      `const { data: [first] } = (await user.http.get('/orders')).json()
       const url = first.links.self
       await user.http.get(url)`,
      /^4: .*GET \/orders \(line 2\)/,
    ],
    [
      'a token in the session headers',
      `const login = await user.http.post('/login', { expect: 200 })
       user.http.headers.set('authorization', \`Bearer \${login.json().token}\`)`,
      /^3: .*POST \/login/,
    ],
  ])('speaks up on %s', async (_, body, message) => {
    const found = await findingsOf('dependent-steps', inTask(body))
    expect(found).toEqual([expect.stringMatching(message)])
  })

  test.each([
    [
      'a required answer',
      `const order = await user.http.post('/orders', { required: true })
       await user.http.get('/orders/:id', { params: { id: order.json().id } })`,
    ],
    [
      'a tested answer',
      `const order = await user.http.post('/orders')
       if (order.ok) await user.http.get('/orders/:id', { params: { id: order.json().id } })`,
    ],
    [
      'independent steps',
      `const list = await user.http.get('/a')
       user.log.info(list.text())
       await user.http.get('/b', { query: { list: 5 } })`,
    ],
    [
      'a use in another function',
      `const order = await user.http.post('/orders')
       } , async onStop(user) { await user.http.get('/x', { params: { id: order } })`,
    ],
  ])('is silent on %s', async (_, body) => {
    expect(await findingsOf('dependent-steps', inTask(body))).toEqual([])
  })
})

describe('no-cleanup', () => {
  test('speaks up when things are created and never removed', async () => {
    const text = `user.http.get('/a')\nuser.http.post('/api/orders', { json: {} })`
    expect(await findingsOf('no-cleanup', text)).toEqual([
      expect.stringMatching(/^2: info: POST \/api\/orders creates things that nothing removes/),
    ])
  })

  test.each([
    `user.http.post('/orders'); user.http.delete('/orders/:id', o)`,
    `user.http.post('/orders'); user.cleanup(async () => {})`,
    `scenario('x', { iteration: u => u.http.post('/orders'), async onStop() {} })`,
    `plan({ teardown: async () => {} }); user.http.put('/orders')`,
    `user.http.post('/login'); user.http.post('/search'); user.http.get('/a')`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('no-cleanup', text)).toEqual([])
  })
})

describe('silent-poll', () => {
  test.each([
    `for (let i = 0; i < 5; i++) {
       const job = await user.http.get('/jobs/:id', o)
       if (job.json().status === 'done') break
       await user.think('1s')
     }`,
    `while (!done) { done = (await user.http.get('/job')).ok; await user.think('1s') }`,
    `do { await user.http.get('/job'); await new Promise(r => setTimeout(r, 100)) } while (!done)`,
  ])('speaks up on %s', async text => {
    expect(await findingsOf('silent-poll', text)).toEqual([
      expect.stringMatching(/^1: warning: a poll by hand/),
    ])
  })

  test.each([
    `await user.poll('job', t, async () => (await user.http.get('/job')).ok)`,
    `for (const page of pages) { await user.http.get('/p', { query }); await user.think('1s') }`,
    `for (const id of ids) { if (!id) break; await user.http.get('/p') }`,
    `while (queue.length > 0) await user.think('1s')`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('silent-poll', text)).toEqual([])
  })
})
