import { describe, expect, test } from 'vitest'
import { findingsOf } from '../../testing/lint-text.ts'

describe('shared-account', () => {
  const login = (body: string) => `user.http.post('/login', { json: { ${body} } })`

  test.each([
    [`email: 'loadtest.user@example.com', password: 'x'`, 'all users share one account'],
    [`username: user.env.NAME`, 'all users share one account'],
    [
      `email: \`user\${user.random.int(1, 500)}@example.com\``,
      'draw their account and will collide',
    ],
  ])('speaks up on %s', async (body, message) => {
    expect(await findingsOf('shared-account', login(body))).toEqual([
      expect.stringContaining(message),
    ])
  })

  test('sees through constants and forms', async () => {
    const text = `const EMAIL = 'a@b.c'\nconst body = { username: EMAIL }
user.http.post('/oauth/token', { form: body })`
    expect(await findingsOf('shared-account', text)).toHaveLength(1)
  })

  test.each([
    login('email: `loadtest+${user.id}@example.com`'),
    login('email: user.data.accounts.email'),
    login('email, password'),
    login(`grant_type: 'client_credentials', client_id: 'shop'`),
    `user.http.post('/users', { json: { username: 'fixed' } })`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('shared-account', text)).toEqual([])
  })
})

describe('secret-in-source', () => {
  const random = 'q8Zr3vK1xN7pW2sD9fLm'

  test.each([
    [`const t = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl'`, 'a JSON web token'],
    [`headers.set('authorization', 'Bearer ${random}')`, 'a bearer token'],
    [`const f = { headers: { 'x-api-key': '${random}' } }`, 'what looks like a key (x-api-key)'],
    [`user.http.headers.set('X-Api-Key', '${random}')`, 'what looks like a key (X-Api-Key)'],
    [`const c = { clientSecret: '${random}' }`, 'what looks like a key (clientSecret)'],
    [`const a = 'AKIA${'ABCD'.repeat(4)}'`, 'an AWS access key'],
    ['const k = `-----BEGIN RSA PRIVATE KEY-----\n`', 'a private key'],
  ])('speaks up on %s', async (text, what) => {
    expect(await findingsOf('secret-in-source', text)).toEqual([
      expect.stringContaining(`warning: ${what} in the source; pass it with -e KEY=`),
    ])
  })

  test.each([
    'headers.set("authorization", `Bearer ${token}`)',
    `headers.set('x-api-key', user.env.API_KEY ?? 'demo-serverless-key-123456')`,
    `const f = { headers: { authorization: 'Api-Key lf_demo_cloudnative_api_key' } }`,
    `const f = { json: { password: 'P@ssword123!', cardToken: 'tok_visa' } }`,
    `const f = { productId: '${random}' }`,
    `const f = { 'x-api-key': 'short1' }`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('secret-in-source', text)).toEqual([])
  })
})

describe('authorization-leak', () => {
  test.each([
    [
      `user.http.put('https://storage.example/f', { credentials: 'include' })`,
      /credentials: 'include'/,
    ],
    [
      `user.http.put(uploadUrl, { headers: { Authorization: token } })`,
      /Authorization goes to another/,
    ],
    [
      `user.http.get('http://127.0.0.1:9090/x', { headers: { 'x-api-key': k } })`,
      /x-api-key goes to/,
    ],
  ])('speaks up on %s', async (text, message) => {
    expect(await findingsOf('authorization-leak', text)).toEqual([expect.stringMatching(message)])
  })

  test.each([
    `user.http.put(uploadUrl, { multipart: {} })`,
    `user.http.get('/a', { headers: { authorization: token } })`,
    `user.http.get('http://127.0.0.1:8080/a', { headers: { authorization: token } })`,
    `user.http.get(path, { headers: { authorization: token } })`,
    `user.http.get('/a', { credentials: 'include' })`,
  ])('is silent on %s', async text => {
    expect(await findingsOf('authorization-leak', text)).toEqual([])
  })
})
