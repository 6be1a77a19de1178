import { afterEach, describe, expect, test } from 'vitest'
import { startRig, type Rig } from '../testing/rig.ts'
import { isOurHost } from './host-check.ts'

let rig: Rig
afterEach(() => rig.close())

const own = () => ({ host: `127.0.0.1:${rig.dashboard.port}` })
const token = 'a-token-of-enough-letters'

describe('without a token', () => {
  test('every answer carries the headers that keep foreign text from running', async () => {
    rig = await startRig()
    for (const path of ['/', '/api/info', '/api/none', '/metrics', '/none.js']) {
      const { headers } = await rig.get(path)
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['content-security-policy']).not.toMatch(/unsafe|http|\*/)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  test('a host name that somebody else may own is refused', async () => {
    rig = await startRig()
    const { port } = rig.dashboard
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, '127.9.9.9']) {
      expect((await rig.get('/api/info', { host })).status, host).toBe(200)
    }
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '10.0.0.7',
    ]) {
      const { status, text } = await rig.get('/api/info', { host })
      expect([status, text], host).toEqual([403, expect.stringContaining('is not at the host')])
    }
  })

  test('pages of other sites can neither read nor change anything', async () => {
    rig = await startRig()
    const foreign = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      },
    ]
    for (const headers of foreign) {
      const sent = { ...own(), ...headers }
      expect((await rig.get('/api/runs', sent)).status).toBe(403)
      expect((await rig.get('/metrics', sent)).status).toBe(403)
      expect((await rig.send('POST', '/api/runs', { body: {}, headers: sent })).status).toBe(403)
      expect((await rig.send('DELETE', '/api/runs/x', { headers: sent })).status).toBe(403)
      expect((await rig.send('OPTIONS', '/api/runs', { headers: sent })).status).toBe(403)
    }
  })

  test('the page itself, and what is no browser, are let in', async () => {
    rig = await startRig()
    const origin = `http://127.0.0.1:${rig.dashboard.port}`
    const page = { ...own(), origin, 'sec-fetch-site': 'same-origin' }
    expect((await rig.get('/api/runs', page)).status).toBe(200)
    expect((await rig.get('/api/runs', { ...own(), 'sec-fetch-site': 'none' })).status).toBe(200)
    expect((await rig.get('/api/runs')).status).toBe(200)
    const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const linked = await rig.get('/', { ...own(), ...link, 'sec-fetch-site': 'cross-site' })
    expect(linked.status).toBe(200)
    const framed = { ...own(), 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }
    expect((await rig.get('/', { ...framed, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  })
})

describe('with a token', () => {
  test('nothing is answered without it', async () => {
    rig = await startRig({ token })
    for (const path of ['/', '/api/info', '/api/runs', '/metrics', '/?token=wrong']) {
      const { status, text } = await rig.get(path)
      expect([status, text]).toEqual([401, expect.stringContaining('needs its token')])
    }
    const wrong = { authorization: `Bearer ${token}x` }
    expect((await rig.get('/api/info', wrong)).status).toBe(401)
    expect((await rig.send('POST', `/api/runs?token=${token}`, { body: {} })).status).toBe(401)
  })

  test('a client sends it as a header', async () => {
    rig = await startRig({ token })
    const right = { authorization: `Bearer ${token}` }
    expect((await rig.get('/api/info', right)).status).toBe(200)
  })

  test('a browser opens its address once, and has a cookie that no script can read', async () => {
    rig = await startRig({ token })
    const { status, headers } = await rig.get(`/?token=${token}&x=1`)
    expect([status, headers.location]).toEqual([303, '/?x=1'])
    const [cookie = ''] = headers['set-cookie'] ?? []
    expect(cookie).toMatch(/; HttpOnly/)
    expect(cookie).toMatch(/; SameSite=Strict/)
    const [pair = ''] = cookie.split(';')
    expect((await rig.get('/api/info', { cookie: pair })).status).toBe(200)
    expect((await rig.get('/api/info', { cookie: `${pair}x` })).status).toBe(401)
    // Cross-site rules hold for those who are signed in, too.
    const foreign = { cookie: pair, 'sec-fetch-site': 'cross-site' }
    expect((await rig.get('/api/info', foreign)).status).toBe(403)
  })

  test('the way back never leads to another host', async () => {
    rig = await startRig({ token })
    const { headers } = await rig.get(`//evil.example/?token=${token}`)
    expect(headers.location).toBe('/evil.example/')
  })

  test('other machines are let in only with a long one', async () => {
    rig = await startRig()
    await expect(startRig({ host: '0.0.0.0' })).rejects.toThrow('give --ui-token')
    await expect(startRig({ token: 'short' })).rejects.toThrow('at least 16 characters')
  })
})

test('bound to every address, addresses and the own name are its hosts', async () => {
  rig = await startRig({ host: '0.0.0.0', token })
  const right = { authorization: `Bearer ${token}` }
  expect((await rig.get('/api/info', { ...right, host: '10.1.2.3:80' })).status).toBe(200)
  expect((await rig.get('/api/info', { ...right, host: 'evil.example' })).status).toBe(403)
  expect(isOurHost('build-7', 'build-7')).toBe(true)
  expect(isOurHost('build-7:8089', '10.0.0.1')).toBe(false)
  for (const header of [undefined, '', 'a b', 'user@127.0.0.1', '127.0.0.1/x']) {
    expect(isOurHost(header, '127.0.0.1')).toBe(false)
  }
})
