import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { clockFromNow } from '../../base/index.ts'
import type { ScenarioPlan } from '../../plan/index.ts'
import { createHttp1Client } from '../../protocols/index.ts'
import { open, scenarioFor, type Opened } from './testing/open.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

async function serve(handler: Handler, where: string | number = 0): Promise<string> {
  const server: Server = createServer((request, response) => {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (part: string) => (body += part))
    request.on('end', () => handler(request, response, body))
  })
  server.listen(typeof where === 'string' ? { path: where } : { port: where, host: '127.0.0.1' })
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  const address = server.address() as AddressInfo
  return `http://127.0.0.1:${address.port}`
}

function visit(origin: string, over: Partial<ScenarioPlan> = {}, folder?: string): Opened {
  const scenario = scenarioFor(origin, over)
  const { tls, proxy } = scenario
  const client = createHttp1Client({
    ...{ clock: clockFromNow(), tls, proxy, keepAlive: true, maxConnectionsPerOrigin: 6 },
  })
  cleanups.push(() => client.close())
  return open(client, scenario, folder)
}

describe('a session over a real server', () => {
  test('logs in, keeps cookie and token, and is the same user in the next request', async () => {
    const seen: (string | undefined)[][] = []
    const origin = await serve((request, response, body) => {
      seen.push([request.url, request.headers.cookie, request.headers.authorization])
      if (request.url === '/login') {
        response.setHeader('set-cookie', ['sid=s1; Path=/; HttpOnly', 'lang=en; Path=/shop'])
        response.end(JSON.stringify({ token: (JSON.parse(body) as { name: string }).name }))
      } else response.end()
    })
    const { http } = visit(origin)
    const login = await http.post('/login', { json: { name: 'ann' }, expect: 200 })
    http.headers.set('authorization', `Bearer ${login.json<{ token: string }>().token}`)
    await http.get('/shop/cart')
    await http.get('/other')
    http.cookies.set('extra', 'x')
    await http.get('/other', { headers: { cookie: 'mine=1' } })
    expect(http.cookies.get('sid')).toBe('s1')
    http.cookies.clear()
    await http.get('/other')
    expect(seen).toEqual([
      ['/login', undefined, undefined],
      ['/shop/cart', expect.stringMatching(/^lang=en; sid=s1$/), 'Bearer ann'],
      ['/other', 'sid=s1', 'Bearer ann'],
      ['/other', 'sid=s1; extra=x; mine=1', 'Bearer ann'],
      ['/other', undefined, 'Bearer ann'],
    ])
  })

  test('a cookie that a redirect sets goes with the next request of the chain', async () => {
    const origin = await serve((request, response) => {
      if (request.url === '/a') {
        response.writeHead(302, { location: '/b', 'set-cookie': 'seen=a; Path=/' }).end()
      } else response.end(request.headers.cookie)
    })
    const { http, samples } = visit(origin)
    expect((await http.get('/a')).text()).toBe('seen=a')
    expect(samples).toHaveLength(1)
  })

  test('reads compressed bodies, and fails a schema on one that is broken', async () => {
    const origin = await serve((request, response) => {
      const [, coding = ''] = request.url?.split('/') ?? []
      const plain = Buffer.from('{"name":"ü"}')
      const packed = { gzip: gzipSync(plain), br: brotliCompressSync(plain), broken: plain }[coding]
      response.setHeader('content-encoding', coding === 'broken' ? 'gzip' : coding)
      response.end(packed)
    })
    const { http } = visit(origin)
    expect((await http.get('/gzip')).json()).toEqual({ name: 'ü' })
    expect((await http.get('/br')).json()).toEqual({ name: 'ü' })
    const broken = await http.get('/broken', { check: response => response.text() !== '' })
    expect(broken.failure).toBe('check: body cannot be decoded as gzip')
  })

  test('sends streams, and multipart parts from memory and from disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'loadstone-session-'))
    cleanups.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'photo.txt'), 'from disk')
    const origin = await serve((request, response, body) => {
      response.end(`${request.headers['transfer-encoding'] ?? 'sized'}\n${body}`)
    })
    const { http } = visit(origin, {}, folder)
    const streamed = await http.put('/a', {
      body: ReadableStream.from([Buffer.from('one '), Buffer.from('two')]),
    })
    expect(streamed.text()).toBe('chunked\none two')
    const sent = await http.post('/a', {
      multipart: { n: 1, list: ['x', 'y'], photo: { file: 'photo.txt', type: 'image/x' } },
    })
    const text = sent.text()
    expect(text).toMatch(/^sized\n--loadstone-[0-9a-f]{32}\r\n/)
    expect(text.match(/name="[a-z]+"/g)).toEqual([
      ...['name="n"', 'name="list"', 'name="list"', 'name="photo"'],
    ])
    expect(text).toContain('filename="photo.txt"\r\ncontent-type: image/x\r\n\r\nfrom disk\r\n')
    const missing = http.post('/a', { multipart: { photo: { file: 'none.txt' } } })
    await expect(missing).rejects.toThrow('none.txt cannot be read')
    const nothing = http.post('/a', { multipart: { photo: null as unknown as string } })
    await expect(nothing).rejects.toThrow('multipart.photo is null')
  })

  test('a target that is down, or silent, is data with a reason', async () => {
    const silent = await serve(() => {})
    const { http, samples } = visit(silent)
    expect((await http.get('/', { timeout: '50ms' })).failure).toBe('timeout')
    const gone = await serve((_, response) => response.end())
    await cleanups.pop()?.()
    const refused = await http.get<string>(`${gone}/`)
    expect([refused.status, refused.failure]).toEqual([0, 'connection refused'])
    expect(samples.map(sample => sample.failure)).toEqual(['timeout', 'connection refused'])
  })

  test('an exchange under way when the user ends is cut off and not counted', async () => {
    const { http, samples } = visit(await serve(() => {}))
    const pending = http.get('/')
    http.close()
    await expect(pending).rejects.toMatchObject({ name: 'ExchangeAborted' })
    expect(samples).toEqual([])
  })

  test('reaches a Unix socket, also through its own redirects', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'loadstone-session-'))
    cleanups.push(() => rm(folder, { recursive: true }))
    const socketPath = join(folder, 'shop.sock')
    await serve((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: 'http://localhost/b' }).end()
      else response.end(`${request.headers.host} ${request.headers['x-session'] as string}`)
    }, socketPath)
    const target = { origin: 'http://localhost', basePath: '', socketPath }
    const { http } = visit('http://localhost', { target })
    http.headers.set('x-session', '1')
    expect((await http.get('/a')).text()).toBe('localhost 1')
  })

  test('keeps addresses and headers of failed and slow requests, without secrets', async () => {
    const origin = await serve((request, response) => {
      response.setHeader('set-cookie', 'sid=hush-1')
      response.setHeader('x-csrf-token', 'hush-2')
      response.setHeader('server', 'shop')
      response.setHeader('x-long', 'l'.repeat(1000))
      if (request.url === '/moved') {
        response.setHeader('location', '/to?access_token=hush-3&page=2')
        response.statusCode = 303
      } else if (request.url !== '/good') response.statusCode = 500
      response.end('hush-4'.repeat(10_000))
    })
    const headers = { authorization: 'Bearer hush-5', 'x-tenant': 'a' }
    const { http, kept } = visit(origin, { headers })
    await http.get('/good', { headers: { 'x-api-key': 'hush-6' } })
    await http.get('/moved')
    await http.get('/moved', { redirects: 0, expect: 200 })
    const samples = kept()
    expect(JSON.stringify(samples)).not.toContain('hush')
    expect(samples.map(({ status, exchange }) => [status, exchange?.url])).toEqual([
      [500, `${origin}/to?access_token=***&page=2`],
      [303, `${origin}/moved`],
      [200, `${origin}/good`],
    ])
    const [, moved, good] = samples
    expect(moved?.exchange?.responseHeaders).toContainEqual([
      ...['location', '/to?access_token=***&page=2'],
    ])
    expect(good?.exchange).toMatchObject({ method: 'GET' })
    expect(good?.exchange?.requestHeaders).toEqual(
      expect.arrayContaining([
        ['authorization', '***'],
        ['x-tenant', 'a'],
        ['x-api-key', '***'],
        ['traceparent', expect.stringContaining(samples[2]!.traceId)],
      ]),
    )
    expect(good?.exchange?.responseHeaders).toEqual(
      expect.arrayContaining([
        ['set-cookie', '***'],
        ['x-csrf-token', '***'],
        ['server', 'shop'],
        ['x-long', `${'l'.repeat(300)}…`],
      ]),
    )
  })
})
