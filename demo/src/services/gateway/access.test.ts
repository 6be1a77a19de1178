import { expect, test } from 'vitest'
import type { Verdict } from '../auth/token.ts'
import { admit } from './access.ts'

const who = { userId: 'usr-1', email: 'a@example.com' }
const verify = (token: string): Promise<Verdict> =>
  Promise.resolve(token === 'good' ? { ok: true, who } : { ok: false, reason: 'bad token' })

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test('an open route does not look at the token', async () => {
  expect(await admit('open', bearer('bad'), verify)).toBeUndefined()
})

test('a guest may come without a token, but not with a bad one', async () => {
  expect(await admit('guest', {}, verify)).toBeUndefined()
  expect(await admit('guest', bearer('good'), verify)).toBe('usr-1')
  await expect(admit('guest', bearer('bad'), verify)).rejects.toMatchObject({ status: 401 })
})

test('a route for users wants a good token in the bearer scheme', async () => {
  expect(await admit('token', { authorization: 'bearer good' }, verify)).toBe('usr-1')
  for (const headers of [{}, bearer('bad'), { authorization: 'good' }, { authorization: '' }]) {
    await expect(admit('token', headers, verify)).rejects.toMatchObject({ status: 401 })
  }
})

test('reports and uploads have keys of their own', async () => {
  const report = { authorization: 'Api-Key lf_demo_cloudnative_api_key' }
  const upload = { 'x-api-key': 'demo-serverless-key-123456' }
  await expect(admit('report-key', report, verify)).resolves.toBeUndefined()
  await expect(admit('upload-key', upload, verify)).resolves.toBeUndefined()
  await expect(admit('report-key', upload, verify)).rejects.toThrow('is missing')
  await expect(admit('upload-key', { 'x-api-key': 'x' }, verify)).rejects.toThrow('is not known')
  await expect(admit('report-key', bearer('good'), verify)).rejects.toMatchObject({ status: 401 })
})
