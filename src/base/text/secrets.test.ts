import { describe, expect, test } from 'vitest'
import { isSecretName, withoutUrlSecrets } from './secrets.ts'

describe('a secret is known by its name', () => {
  test.each([
    ...['authorization', 'Proxy-Authorization', 'Cookie', 'set-cookie', 'X-Api-Key', 'x-auth'],
    ...['X-CSRF-Token', 'DB_PASSWORD', 'client_secret', 'accessToken', 'apiKey', 'key', 'X-Sig'],
    ...['ocp-apim-subscription-key', 'x-functions-key', 'sessionid', 'AWS_SECRET_ACCESS_KEY'],
  ])('%s', name => {
    expect(isSecretName(name)).toBe(true)
  })

  test.each([
    ...['accept', 'content-type', 'www-authenticate', 'idempotency-key', 'x-author', 'keyboard'],
    ...['traceparent', 'etag', 'x-request-id', 'keep-alive', 'design', 'access-control-max-age'],
  ])('%s is none', name => {
    expect(isSecretName(name)).toBe(false)
  })
})

test('URLs lose passwords, fragments and secret parameters, and nothing else', () => {
  const pairs = [
    ['http://ann:pw@host:80/a?b=1', 'http://***@host:80/a?b=1'],
    ['postgres://ann@host/db?password=x', 'postgres://***@host/db?password=***'],
    ['/a/b?token=abc&page=2&api%5Fkey=1=2', '/a/b?token=***&page=2&api%5Fkey=***'],
    ['/a?next=x@y#frag', '/a?next=x@y'],
    ['http://host/a@b', 'http://host/a@b'],
    ['/a?%zz=1&flag', '/a?%zz=1&flag'],
    ['', ''],
  ] as const
  for (const [url, without] of pairs) expect(withoutUrlSecrets(url)).toBe(without)
})
