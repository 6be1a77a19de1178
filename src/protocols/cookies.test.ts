import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { UsageError } from '../base/index.ts'
import { createCookieJar } from './cookies.ts'

const shop = 'http://shop.example/'

test('an empty jar sends nothing', () => {
  const jar = createCookieJar()
  expect(jar.headerFor(shop)).toBe('')
  expect(jar.get(shop, 'a')).toBeUndefined()
  jar.clear()
})

test('what a server sets goes back to it, and only to it', () => {
  const jar = createCookieJar()
  jar.storeFrom(`${shop}login`, ['sid=1; HttpOnly', 'lang=de; Path=/'])
  expect(jar.headerFor(`${shop}cart?x=1`).split('; ').toSorted()).toEqual(['lang=de', 'sid=1'])
  expect(jar.headerFor('http://other.example/')).toBe('')
  expect(jar.headerFor('http://sub.shop.example/')).toBe('')
  expect(jar.get(shop, 'sid')).toBe('1')
})

test('paths, domains and secure are respected', () => {
  const jar = createCookieJar()
  jar.storeFrom('https://www.shop.example/a/b', [
    ...['p=1; Path=/a', 'd=2; Domain=shop.example; Path=/', 's=3; Secure; Path=/'],
    'foreign=4; Domain=elsewhere.example',
  ])
  expect(jar.headerFor('https://www.shop.example/a/c')).toBe('p=1; d=2; s=3')
  expect(jar.headerFor('https://api.shop.example/')).toBe('d=2')
  expect(jar.headerFor('http://www.shop.example/b')).toBe('d=2')
})

test('bare host names, localhost and addresses work', () => {
  for (const url of [
    'http://cart/',
    'http://localhost:8080/',
    'http://127.0.0.1:1/',
    'http://[::1]:2/',
  ]) {
    const jar = createCookieJar()
    jar.storeFrom(url, ['a=b; Path=/'])
    expect(jar.headerFor(`${url}x`)).toBe('a=b')
  }
})

test('a cookie is replaced, and removed when its time is over', () => {
  const jar = createCookieJar()
  jar.storeFrom(shop, ['a=1', 'b=2'])
  expect(jar.headerFor(shop)).toBe('a=1; b=2')
  jar.storeFrom(shop, ['a=3'])
  expect(jar.headerFor(shop)).toBe('a=3; b=2')
  jar.storeFrom(shop, ['a=; Max-Age=0'])
  expect(jar.headerFor(shop)).toBe('b=2')
  jar.storeFrom(shop, ['b=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT'])
  expect(jar.headerFor(shop)).toBe('')
})

test('lines that are no cookies are left out without harm', () => {
  const jar = createCookieJar()
  jar.storeFrom(shop, ['', ';;;', '\0', 'ok=1'])
  expect(jar.headerFor(shop)).toContain('ok=1')
})

test('the script sets, reads and clears', () => {
  const jar = createCookieJar()
  jar.set(`${shop}deep/path`, 'consent', 'yes')
  expect(jar.headerFor(shop)).toBe('consent=yes')
  jar.set(shop, 'consent', 'no')
  expect(jar.get(shop, 'consent')).toBe('no')
  expect(jar.headerFor(shop)).toBe('consent=no')
  jar.clear()
  expect(jar.headerFor(shop)).toBe('')
})

test.each([
  ['a b', 'c'],
  ['', 'c'],
  ['a', 'b; Path=/x'],
  ['a', 'b\r\nx: y'],
  ['a', 'ö'],
])('a cookie %j=%j cannot be sent', (name, value) => {
  expect(() => createCookieJar().set(shop, name, value)).toThrow(UsageError)
})

test('the cookie library is loaded with the first cookie, not before', () => {
  const module = new URL('./cookies.ts', import.meta.url).href
  const script = `
    import { createRequire } from 'node:module'
    const require = createRequire(${JSON.stringify(module)})
    const loaded = () => Object.keys(require.cache).some(path => path.includes('tough-cookie'))
    const { createCookieJar } = await import(${JSON.stringify(module)})
    const jar = createCookieJar()
    jar.headerFor('${shop}')
    const before = loaded()
    jar.set('${shop}', 'a', 'b')
    console.log(before, loaded())`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  expect(child.stdout.trim()).toBe('false true')
})
