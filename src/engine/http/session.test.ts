import { describe, expect, test } from 'vitest'
import { FakeClient } from './testing/fake-client.ts'
import { open, scenarioFor } from './testing/open.ts'

const target = 'http://shop:8080'
const ok = () => ({ status: 200 })

describe('what a session sends', () => {
  test('a plain get says its host, who it is, what it takes and its trace', async () => {
    const client = new FakeClient(ok)
    const { http } = open(client, scenarioFor(target))
    const response = await http.get('/api/products')
    expect(client.sent[0]).toMatchObject({
      requestLine: 'GET /api/products HTTP/1.1',
      origin: target,
      body: undefined,
      timeoutUs: 30_000_000,
    })
    const { traceparent, ...headers } = client.sent[0]!.headers
    expect(headers).toEqual({
      host: 'shop:8080',
      'user-agent': 'loadstone/0.1.0',
      accept: '*/*',
      'accept-encoding': 'gzip, deflate, br, zstd',
      baggage: 'synthetic_request=true,loadstone.run=test',
    })
    expect(traceparent).toBe(`00-${response.traceId}-${traceparent?.slice(36, 52)}-01`)
    expect(response.url).toBe('http://shop:8080/api/products')
  })

  test('every method has its function, and request() sends any other', async () => {
    const client = new FakeClient(ok)
    const { http, samples } = open(client, scenarioFor(target))
    await http.post('/a')
    await http.put('/a')
    await http.patch('/a')
    await http.delete('/a')
    await http.head('/a')
    await http.options('/a')
    await http.request('propfind', '/a')
    await http.request('GET', '/a/:id', { params: { id: 1 } })
    expect(client.sent.map(sent => sent.requestLine.slice(0, -9))).toEqual([
      ...['POST /a', 'PUT /a', 'PATCH /a', 'DELETE /a', 'HEAD /a', 'OPTIONS /a', 'PROPFIND /a'],
      'GET /a/1',
    ])
    expect(samples.map(sample => sample.name).slice(-2)).toEqual(['PROPFIND /a', 'GET /a/:id'])
    const length = client.sent.map(sent => sent.headers['content-length'])
    expect(length).toEqual(['0', '0', '0', ...new Array<undefined>(5).fill(undefined)])
  })

  test('of scenario, session and request headers the nearest wins, and is sent once', async () => {
    const client = new FakeClient(ok)
    const headers = { 'X-Tenant': 'scenario', 'User-Agent': 'shopper', 'x-only': 'scenario' }
    const { http } = open(client, scenarioFor(target, { headers }))
    await http.get('/a')
    http.headers.set('X-Tenant', 'session')
    await http.get('/a')
    await http.get('/a', { headers: { 'x-TENANT': 'request' } })
    http.headers.delete('x-tenant')
    await http.get('/a')
    const sent = client.sent.map(one => one.headers)
    expect(sent.map(one => one['x-tenant'])).toEqual(['scenario', 'session', 'request', 'scenario'])
    for (const one of client.sent) {
      expect(new Set(one.names).size).toBe(one.names.length)
      expect(one.headers).toMatchObject({ 'user-agent': 'shopper', 'x-only': 'scenario' })
    }
  })

  test('session headers are read back, and are those of this user alone', async () => {
    const client = new FakeClient(ok)
    const scenario = scenarioFor(target, { headers: { 'x-a': 'scenario' } })
    const { http } = open(client, scenario)
    const other = open(client, scenario)
    http.headers.set('Authorization', 'Bearer 1')
    expect(http.headers.get('authorization')).toBe('Bearer 1')
    expect(http.headers.get('x-a')).toBeUndefined()
    await other.http.get('/a')
    expect(client.sent[0]!.headers.authorization).toBeUndefined()
  })

  test('a header cannot smuggle in another one', async () => {
    const client = new FakeClient(ok)
    const { http } = open(client, scenarioFor(target))
    expect(() => http.headers.set('x-a', 'b\r\nx-evil: 1')).toThrow('cannot carry')
    const evil = http.get('/a', { headers: { 'x-a': 'b\r\nx-evil: 1' } })
    await expect(evil).rejects.toThrow('header x-a')
    expect(client.sent).toEqual([])
  })

  test('the target has a base path, a query and params are encoded', async () => {
    const client = new FakeClient(ok)
    const base = { origin: target, basePath: '/v1', socketPath: undefined }
    const { http, samples } = open(client, scenarioFor(target, { target: base }))
    await http.get('/users/:id', { params: { id: 'a/b' }, query: { page: 2, tag: ['x', 'y'] } })
    expect(client.sent[0]!.requestLine).toBe('GET /v1/users/a%2Fb?page=2&tag=x&tag=y HTTP/1.1')
    expect(samples[0]!.name).toBe('GET /users/:id')
  })

  test('a traceparent of the script is sent, and known by the response', async () => {
    const client = new FakeClient(ok)
    const { http, samples } = open(client, scenarioFor(target))
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const traceparent = `00-${traceId}-00f067aa0ba902b7-00`
    const response = await http.get('/a', { headers: { traceparent } })
    expect(client.sent[0]!.names.filter(name => name === 'traceparent')).toHaveLength(1)
    expect(client.sent[0]!.headers.traceparent).toBe(traceparent)
    expect([response.traceId, samples[0]!.traceId]).toEqual([traceId, traceId])
  })
})

describe('another origin', () => {
  test('gets neither session headers nor scenario headers, but the trace', async () => {
    const client = new FakeClient(ok)
    const scenario = scenarioFor(target, { headers: { 'x-api-key': 'k', host: 'virtual' } })
    const { http, samples } = open(client, scenario)
    http.headers.set('authorization', 'Bearer 1')
    await http.put('https://bucket.example/a/:key?X-Sig=1', {
      params: { key: 'k1' },
      headers: { 'x-amz-acl': 'private' },
    })
    const { headers, origin, requestLine } = client.sent[0]!
    expect([origin, requestLine]).toEqual(['https://bucket.example', 'PUT /a/k1?X-Sig=1 HTTP/1.1'])
    expect(headers).toMatchObject({ host: 'bucket.example', 'x-amz-acl': 'private' })
    expect(Object.keys(headers)).not.toContain('authorization')
    expect(Object.keys(headers)).not.toContain('x-api-key')
    expect(headers.traceparent).toBeDefined()
    expect(samples[0]!.name).toBe('PUT https://bucket.example/a/:key')
  })

  test('gets them with credentials: include, under its own host name', async () => {
    const client = new FakeClient(ok)
    const scenario = scenarioFor(target, { headers: { 'x-api-key': 'k', host: 'virtual' } })
    const { http } = open(client, scenario)
    http.headers.set('authorization', 'Bearer 1')
    await http.get('http://other:9000/a', { credentials: 'include' })
    expect(client.sent[0]!.headers).toMatchObject({
      host: 'other:9000',
      'x-api-key': 'k',
      authorization: 'Bearer 1',
    })
  })

  test('is not the target written out in full, whatever way it is written', async () => {
    const client = new FakeClient(ok)
    const { http } = open(client, scenarioFor('http://shop'))
    http.headers.set('authorization', 'Bearer 1')
    await http.get('HTTP://SHOP:80/a')
    expect(client.sent[0]!.headers).toMatchObject({ authorization: 'Bearer 1', host: 'shop' })
  })

  test('a password in a URL is refused, because URLs are shown in reports', async () => {
    const { http } = open(new FakeClient(ok), scenarioFor(target))
    await expect(http.get('http://me:secret@other/a')).rejects.toThrow('authorization header')
  })
})

describe('bodies', () => {
  test('json, form, text and bytes say their type and length', async () => {
    const client = new FakeClient(ok)
    const { http } = open(client, scenarioFor(target, { headers: { 'content-type': 'text/x' } }))
    await http.post('/a', { json: { name: 'é' } })
    await http.post('/a', { form: { a: 'b c', 'd&': 'é' } })
    await http.post('/a', { body: 'é' })
    await http.post('/a', { body: Uint8Array.of(1, 2, 3) })
    await http.post('/a', { json: null, headers: { 'Content-Type': 'application/vnd.x+json' } })
    const seen = client.sent.map(({ body, headers }) => [
      body,
      headers['content-type'],
      headers['content-length'],
    ])
    expect(seen).toEqual([
      ['{"name":"é"}', 'application/json', '13'],
      ['a=b+c&d%26=%C3%A9', 'application/x-www-form-urlencoded', '17'],
      ['é', 'text/x', '2'],
      [Uint8Array.of(1, 2, 3), 'text/x', '3'],
      ['null', 'application/vnd.x+json', '4'],
    ])
    for (const { names } of client.sent) expect(new Set(names).size).toBe(names.length)
  })

  test('a stream goes out chunked, or with the length that the script knows', async () => {
    const client = new FakeClient(ok)
    const { http } = open(client, scenarioFor(target))
    const stream = () => ReadableStream.from([Uint8Array.of(1)])
    await http.post('/a', { body: stream() })
    await http.post('/a', { body: stream(), headers: { 'content-length': '1' } })
    expect(client.sent.map(({ chunked }) => chunked)).toEqual([true, false])
    expect(client.sent[0]!.headers['transfer-encoding']).toBe('chunked')
    expect(client.sent[1]!.headers['transfer-encoding']).toBeUndefined()
    expect(client.sent[1]!.headers['content-length']).toBe('1')
  })

  test('nothing of a body is left for the next request', async () => {
    const client = new FakeClient(ok)
    const { http } = open(client, scenarioFor(target))
    await http.post('/a', { json: { a: 1 } })
    await http.get('/b')
    await http.get('/b', { query: { a: 1 } })
    expect(client.sent.slice(1).map(({ body }) => body)).toEqual([undefined, undefined])
    expect(client.sent[2]!.names).not.toContain('content-type')
  })
})

describe('mistakes of a script', () => {
  const mistakes: [string, object, string][] = [
    ['two bodies', { json: {}, form: {} }, 'only one of json, form, body and multipart'],
    ['an option that does not exist', { jsn: {} }, "a request has no option 'jsn'"],
    ['a bare timeout', { timeout: '5' }, 'a time needs a unit'],
    ['an impossible status', { expect: 42 }, "write a status (200), a class ('2xx')"],
    ['a status class that is none', { expect: '9xx' }, 'expect is "9xx"'],
    ['a check that is a text', { check: 'ok' }, 'check is a string'],
    ['a schema that is none', { schema: {} }, 'not a Standard Schema'],
    ['redirects as a boolean', { redirects: false }, 'redirects is false'],
    ['other credentials', { credentials: 'omit' }, "use 'sameOrigin' or 'include'"],
    ['an unfit body', { body: 5 }, 'body is a number'],
    ['a function as json', { json: () => 1 }, 'which JSON cannot say'],
    ['a wrong length', { body: 'abc', headers: { 'content-length': '2' } }, 'the body has 3 bytes'],
    [
      'an undefined header',
      { headers: { authorization: undefined } },
      'authorization is undefined',
    ],
    ['params as a list of nothing', { params: 'x' }, 'params is a string'],
  ]
  test.each(mistakes)('%s is explained, and nothing is sent', async (_, options, message) => {
    const client = new FakeClient(ok)
    const { http, samples } = open(client, scenarioFor(target))
    await expect(http.post<string>('/a', options)).rejects.toThrow(message)
    expect([client.sent.length, samples.length]).toEqual([0, 0])
    await http.get('/a')
    expect(samples).toHaveLength(1)
  })

  test('a missing param is named', async () => {
    const { http } = open(new FakeClient(ok), scenarioFor(target))
    await expect(http.get<string>('/a/:id')).rejects.toThrow('GET /a/:id: params.id is missing')
  })

  test('a call after the end of the iteration is refused and not sent', async () => {
    const client = new FakeClient(ok)
    const { http, user } = open(client, scenarioFor(target))
    user.closed = true
    await expect(http.get('/a')).rejects.toThrow(/after the iteration had ended.*await is missing/)
    expect(client.sent).toEqual([])
  })

  test('headers that differ from request to request are not for the session', () => {
    const { http } = open(new FakeClient(ok), scenarioFor(target))
    expect(() => http.headers.set('Content-Length', '5')).toThrow('cannot be a session header')
  })
})

describe('what a session measures', () => {
  test('a sample has the times, bytes and owner of its exchange', async () => {
    const client = new FakeClient(() => ({ status: 200, tookUs: 5000 }))
    const { http, samples } = open(client, scenarioFor(target))
    const response = await http.get('/a')
    expect(samples).toEqual([
      expect.objectContaining({
        ...{ name: 'GET /a', status: 200, failure: undefined, userId: 7, iteration: 3 },
        ...{ intendedAtUs: 10_000, startedAtUs: 10_000, endedAtUs: 15_000 },
        ...{ bytesIn: 100, bytesOut: 50, traceId: response.traceId },
      }),
    ])
    expect(response.timings).toEqual({
      ...{ dnsMs: 0.001, connectMs: 0.002, tlsMs: 0.003, firstByteMs: 0.4, downloadMs: 0.5 },
      ...{ totalMs: 5, connectionReused: false },
    })
  })

  test('the start delay belongs to the first exchange of an iteration only', async () => {
    const { http, user, samples } = open(new FakeClient(ok), scenarioFor(target))
    user.pendingStartDelayUs = 600
    await http.get('/a')
    await http.get('/a')
    const delays = samples.map(sample => sample.startedAtUs - sample.intendedAtUs)
    expect(delays).toEqual([600, 0])
    expect(user.pendingStartDelayUs).toBe(0)
  })

  test('a mistake that sends nothing leaves the start delay to the next exchange', async () => {
    const { http, user, samples } = open(new FakeClient(ok), scenarioFor(target))
    user.pendingStartDelayUs = 600
    await expect(http.get<string>('/:id')).rejects.toThrow()
    await http.get('/a')
    expect(samples[0]!.startedAtUs - samples[0]!.intendedAtUs).toBe(600)
  })

  test('name: counts the exchange under another name', async () => {
    const { http, samples } = open(new FakeClient(ok), scenarioFor(target))
    await http.get('/a', { name: 'front page' })
    await http.get('/a')
    expect(samples.map(sample => sample.name)).toEqual(['front page', 'GET /a'])
  })

  test('a URL that name: always renames takes no place among the names of the run', async () => {
    const { http, samples } = open(new FakeClient(ok), scenarioFor(target))
    for (let file = 0; file < 600; file++) await http.get(`/files/${file}`, { name: 'file' })
    await http.get('/a')
    const ids = samples.map(sample => sample.seriesId)
    expect([new Set(ids).size, ids.at(-1)]).toEqual([2, 1])
  })

  test('requests that were sent again are counted, those of a redirect together', async () => {
    const client = new FakeClient(({ requestLine }) => {
      if (requestLine.includes('/old')) {
        return { status: 302, headers: [['location', '/new']], retries: 1 }
      }
      return requestLine.includes('/new') ? { retries: 1 } : {}
    })
    const { http, retries } = open(client, scenarioFor(target))
    await http.get('/old')
    await http.get('/a')
    await http.get('/new')
    expect(retries).toEqual([
      ['GET /old', 2],
      ['GET /new', 1],
    ])
  })

  test('exchanges at the same time do not mix', async () => {
    const client = new FakeClient(({ requestLine }) => ({ body: requestLine }))
    const { http, samples } = open(client, scenarioFor(target))
    const ids = Array.from({ length: 50 }, (_, id) => id)
    const answers = await Promise.all(ids.map(id => http.get('/:id', { params: { id } })))
    expect(answers.map(answer => answer.text())).toEqual(ids.map(id => `GET /${id} HTTP/1.1`))
    expect(new Set(samples.map(sample => sample.traceId)).size).toBe(50)
  })

  test('what the end of the run cuts off is not recorded, and says so', async () => {
    const client = new FakeClient(() => undefined)
    const { http, samples } = open(client, scenarioFor(target))
    const pending = http.get('/a', { check: () => true, expect: 200 })
    http.close()
    await expect(pending).rejects.toMatchObject({ name: 'ExchangeAborted' })
    expect([client.isClosed, samples.length]).toEqual([true, 0])
  })

  test('a shared client stays open when one of its users leaves', () => {
    const client = new FakeClient(ok)
    open(client, scenarioFor(target, { connections: 'shared' })).http.close()
    expect(client.isClosed).toBe(false)
  })

  test('endless templates are served but not remembered', async () => {
    const { http, samples } = open(new FakeClient(ok), scenarioFor(target))
    for (let id = 0; id < 2_100; id++) await http.get(`/a/${id}`)
    expect(samples).toHaveLength(2_100)
    expect(samples.at(-1)!.status).toBe(200)
  })
})
