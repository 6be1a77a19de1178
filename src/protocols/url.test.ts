import { expect, test } from 'vitest'
import { UsageError } from '../base/index.ts'
import { parseUrl } from './url.ts'

test.each([
  ['http://a.example', 'a.example', 80, 'http://a.example', '/'],
  ['http://a.example:80/x', 'a.example', 80, 'http://a.example', '/x'],
  ['https://A.Example:443/x?y=1&z#frag', 'a.example', 443, 'https://a.example', '/x?y=1&z'],
  ['http://127.0.0.1:8080?q', '127.0.0.1', 8080, 'http://127.0.0.1:8080', '/?q'],
  ['http://[::1]:8080/', '::1', 8080, 'http://[::1]:8080', '/'],
  ['http://a.example/ö b', 'a.example', 80, 'http://a.example', '/%C3%B6%20b'],
])('%s', (text, host, port, key, path) => {
  const parsed = parseUrl(text)
  expect(parsed.origin).toMatchObject({ host, port, key, socketPath: undefined })
  expect(parsed.origin.scheme).toBe(text.split(':')[0])
  expect(parsed.path).toBe(path)
  expect(parsed.authorization).toBeUndefined()
})

test('equal end points are the same object, different ones are not', () => {
  const { origin } = parseUrl('http://a.example/x')
  expect(parseUrl('http://a.example:80/y').origin).toBe(origin)
  expect(parseUrl('http://a.example:81/').origin).not.toBe(origin)
  expect(parseUrl('https://a.example/').origin).not.toBe(origin)
  const bySocket = parseUrl('http://a.example/', '/run/a.sock').origin
  expect(bySocket).not.toBe(origin)
  expect(bySocket.socketPath).toBe('/run/a.sock')
  expect(parseUrl('http://a.example/z', '/run/a.sock').origin).toBe(bySocket)
})

test.each([
  ['http://user:p%40ss@a.example/', 'user:p@ss'],
  ['http://user@a.example/', 'user:'],
  ['http://u:100%@a.example/', 'u:100%'],
  ['http://j%C3%B6rg:x@a.example/', 'jörg:x'],
])('user and password of %s become basic authorization', (text, pair) => {
  const { authorization, origin } = parseUrl(text)
  expect(authorization).toBe(`Basic ${Buffer.from(pair).toString('base64')}`)
  expect(origin.key).toBe('http://a.example')
})

test.each(['', '/path', 'a.example', 'ftp://a.example/', 'http://', 'http://a.example:99999/'])(
  '"%s" is refused with what was seen',
  text => {
    expect(() => parseUrl(text)).toThrow(UsageError)
    expect(() => parseUrl(text)).toThrow(`"${text}" is not an http or https URL`)
  },
)
