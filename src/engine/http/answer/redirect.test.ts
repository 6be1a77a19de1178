import { describe, expect, test } from 'vitest'
import { FakeClient, type FakeAnswer, type SentRequest } from '../testing/fake-client.ts'
import { open, scenarioFor } from '../testing/open.ts'

const to = (location: string, status = 302): FakeAnswer => ({
  status,
  headers: [['location', location]],
})

function opened(answers: readonly FakeAnswer[], over = {}) {
  const client = new FakeClient((_, index) => answers[index] ?? { status: 200, body: 'end' })
  return { client, ...open(client, scenarioFor('http://shop', over)) }
}

const linesOf = (sent: readonly SentRequest[]) =>
  sent.map(({ method, origin, requestLine }) => `${method} ${origin}${requestLine.split(' ')[1]}`)

describe('redirects', () => {
  test('a chain is one sample, from its first start to its last byte', async () => {
    const { client, http, samples } = opened([to('/b'), to('c?x=1', 301)])
    const response = await http.get('/a/1')
    expect(linesOf(client.sent)).toEqual([
      'GET http://shop/a/1',
      'GET http://shop/b',
      'GET http://shop/c?x=1',
    ])
    expect(samples).toEqual([
      expect.objectContaining({
        ...{ name: 'GET /a/1', status: 200, startedAtUs: 10_000, endedAtUs: 13_000 },
        ...{ bytesIn: 300, bytesOut: 150 },
      }),
    ])
    expect([response.url, response.text()]).toEqual(['http://shop/c?x=1', 'end'])
    expect(response.timings.totalMs).toBe(3)
  })

  test('the trace stays the same, each request is a span of its own', async () => {
    const { client, http } = opened([to('/b')])
    await http.get('/a')
    const [first = '', second = ''] = client.sent.map(({ headers }) => headers.traceparent)
    expect(first.slice(0, 36)).toBe(second.slice(0, 36))
    expect(first.slice(36)).not.toBe(second.slice(36))
  })

  test.each([
    [301, 'POST', 'GET'],
    [302, 'PUT', 'GET'],
    [303, 'DELETE', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [308, 'PATCH', 'PATCH'],
  ])('%i turns %s into %s', async (status, method, next) => {
    const { client, http } = opened([to('/b', status)])
    await http.request(method, '/a', { json: { a: 1 }, headers: { 'content-language': 'en' } })
    const last = client.sent[1]!
    expect(last.method).toBe(next)
    const repeats = next === method
    expect(last.body).toBe(repeats ? '{"a":1}' : undefined)
    expect(last.headers['content-type']).toBe(repeats ? 'application/json' : undefined)
    expect(last.headers['content-language']).toBe(repeats ? 'en' : undefined)
    expect(last.headers['content-length']).toBe(repeats ? '7' : undefined)
  })

  test('redirects: 0 hands the answer to the script', async () => {
    const { client, http } = opened([to('/b')])
    const response = await http.get('/a', { redirects: 0 })
    expect([response.status, response.ok, client.sent.length]).toEqual([302, true, 1])
    expect(response.headers.get('Location')).toBe('/b')
  })

  test('more than allowed is a failure', async () => {
    const { client, http, samples } = opened(new Array<FakeAnswer>(20).fill(to('/b')))
    const response = await http.get('/a')
    expect([response.failure, client.sent.length]).toEqual(['too many redirects', 11])
    await http.get('/a', { redirects: 2 })
    expect(client.sent).toHaveLength(14)
    expect(samples.map(sample => sample.failure)).toEqual([
      'too many redirects',
      'too many redirects',
    ])
  })

  test.each(['http://', 'ftp://shop/a', 'http://shop:99999/'])(
    'the location %j cannot be followed',
    async location => {
      const { http } = opened([to(location)])
      expect((await http.get('/a')).failure).toBe('redirect to an unusable location')
    },
  )

  test('a 304, or a 302 without location, is an answer like any other', async () => {
    const { http, client } = opened([{ status: 304 }, { status: 302 }])
    expect([(await http.get('/a')).status, (await http.get('/a')).status]).toEqual([304, 302])
    expect(client.sent).toHaveLength(2)
  })

  test('a stream is used up: it cannot be sent again', async () => {
    const { http } = opened([to('/b', 307), to('/b', 303)])
    const body = () => ReadableStream.from([Uint8Array.of(1)])
    expect((await http.post('/a', { body: body() })).failure).toBe('redirect needs the body again')
    expect((await http.post('/a', { body: body() })).ok).toBe(true)
  })

  test('the timeout is for the whole chain', async () => {
    const slow = { ...to('/b'), tookUs: 400_000 }
    const { http, client } = opened([slow, slow, slow])
    const response = await http.get('/a', { timeout: '1s' })
    expect(client.sent.map(sent => sent.timeoutUs)).toEqual([1_000_000, 600_000, 200_000])
    expect(response.failure).toBe('timeout')
  })
})

describe('a redirect to another origin', () => {
  test('leaves what was said in confidence behind, for good', async () => {
    const { http, client } = opened([to('http://other/b'), to('http://third/c')])
    http.headers.set('x-session', '1')
    const headers = { authorization: 'Bearer 1', cookie: 'a=1', host: 'virtual', 'x-mine': '1' }
    await http.get('/a', { headers })
    const [first, second, third] = client.sent.map(sent => sent.headers)
    expect(first).toMatchObject({ ...headers, 'x-session': '1' })
    for (const foreign of [second, third]) {
      expect(foreign).toMatchObject({ 'x-mine': '1' })
      expect(Object.keys(foreign!)).not.toContain('authorization')
      expect(Object.keys(foreign!)).not.toContain('cookie')
      expect(Object.keys(foreign!)).not.toContain('x-session')
    }
    expect([second!.host, third!.host]).toEqual(['other', 'third'])
  })

  test('takes everything along with credentials: include, but not the host', async () => {
    const { http, client } = opened([to('http://other/b')])
    http.headers.set('x-session', '1')
    const headers = { authorization: 'Bearer 1', host: 'virtual' }
    await http.get('/a', { headers, credentials: 'include' })
    expect(client.sent[1]!.headers).toMatchObject({
      ...{ authorization: 'Bearer 1', 'x-session': '1', host: 'other' },
    })
  })

  test('and back again finds the session headers, not those of the request', async () => {
    const { http, client } = opened([to('http://other/b'), to('http://shop/c')])
    http.headers.set('x-session', '1')
    await http.get('/a', { headers: { authorization: 'Bearer 1' } })
    expect(client.sent[2]!.headers['x-session']).toBe('1')
    expect(client.sent[2]!.headers.authorization).toBeUndefined()
  })
})
