import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Expect, StandardSchema } from '../../../plan/index.ts'
import { FakeClient, type FakeAnswer } from '../testing/fake-client.ts'
import { open, scenarioFor } from '../testing/open.ts'

const opened = (answer: FakeAnswer) =>
  open(new FakeClient(() => answer), scenarioFor('http://shop'))

describe('the status', () => {
  const expectations: [number, Expect | undefined, string | undefined][] = [
    [200, undefined, undefined],
    [399, undefined, undefined],
    [400, undefined, 'status 400'],
    [503, undefined, 'status 503'],
    [201, 201, undefined],
    [200, 201, 'status 200'],
    [204, '2xx', undefined],
    [304, '2xx', 'status 304'],
    [404, [200, 404], undefined],
    [409, [200, '4xx'], undefined],
    [500, [200, '4xx'], 'status 500'],
  ]
  test.each(expectations)('%i with expect %j gives %j', async (status, expected, failure) => {
    const { http, samples } = opened({ status })
    const options = expected === undefined ? {} : { expect: expected }
    const response = await http.get('/a', { ...options, redirects: 0 })
    expect([response.ok, response.failure]).toEqual([failure === undefined, failure])
    expect([samples[0]!.status, samples[0]!.failure]).toEqual([status, failure])
  })

  test('counts as a check only when the script said what it expects', async () => {
    const { http, checks } = opened({ status: 404 })
    await http.get('/a')
    await http.get('/a', { expect: 200 })
    await http.get('/a', { expect: 404 })
    expect(checks).toEqual([
      ['GET /a: status', 'status 404'],
      ['GET /a: status', undefined],
    ])
  })
})

describe('no answer', () => {
  test('is a response that failed for that reason, not an exception', async () => {
    const { http, samples } = opened({ failure: 'connection refused' })
    const response = await http.get('/a')
    expect([response.ok, response.status, response.failure]).toEqual([
      false,
      0,
      'connection refused',
    ])
    expect([response.text(), response.headers.get('x-a')]).toEqual(['', undefined])
    expect(samples[0]).toMatchObject({ status: 0, failure: 'connection refused' })
  })

  test('passes no check: each counts as failed for that reason, and no function runs', async () => {
    const { http, checks } = opened({ failure: 'timeout' })
    const asked: string[] = []
    await http.get('/a', {
      expect: 200,
      schema: z.object({}),
      check: { one: () => asked.push('one') > 0, two: () => asked.push('two') > 0 },
    })
    expect(asked).toEqual([])
    expect(checks).toEqual([
      ['GET /a: status', 'timeout'],
      ['GET /a: schema', 'timeout'],
      ['GET /a: one', 'timeout'],
      ['GET /a: two', 'timeout'],
    ])
  })
})

describe('checks', () => {
  test('true passes; false or a text fails the exchange, and says why', async () => {
    const { http, checks, samples } = opened({ body: '{"items":[]}' })
    await http.get('/a', { check: () => true })
    await http.get('/a', { check: () => 'no items' })
    await http.get('/a', { check: () => false })
    await http.get('/a', { check: { 'has items': () => 'none' } })
    await http.get('/a', { check: { 'has items': () => false } })
    expect(samples.map(sample => sample.failure)).toEqual([
      ...[undefined, 'check: no items', 'check: failed'],
      ...['check has items: none', 'check has items: failed'],
    ])
    expect(checks).toEqual([
      ['GET /a: check', undefined],
      ['GET /a: check', 'no items'],
      ['GET /a: check', 'failed'],
      ['GET /a: has items', 'none'],
      ['GET /a: has items', 'failed'],
    ])
  })

  test('all named checks are counted, the first that failed names the failure', async () => {
    const { http, checks, samples } = opened({ body: 'x' })
    const check = { one: () => true, two: () => 'bad', three: () => 'worse', four: () => true }
    await http.get('/a', { check })
    expect(samples[0]!.failure).toBe('check two: bad')
    expect(checks.map(([, reason]) => reason)).toEqual([undefined, 'bad', 'worse', undefined])
  })

  test('a check sees the answer as it is', async () => {
    const { http, samples } = opened({ status: 201, body: '{"id":4}' })
    await http.get('/a', {
      check: answer => answer.ok && answer.status === 201 && answer.json<{ id: number }>().id === 4,
    })
    expect(samples[0]!.failure).toBeUndefined()
  })

  test('reasons are cut off at 120 characters', async () => {
    const { http, samples } = opened({})
    await http.get('/a', { check: () => 'x'.repeat(500) })
    expect(samples[0]!.failure).toMatch(/^check: x{112}…$/)
  })

  test('a body that is not JSON is the fault of the answer, not of the script', async () => {
    const { http, samples } = opened({ body: '<html>' })
    const response = await http.get('/a', {
      check: { id: answer => 'id' in answer.json<object>() },
    })
    expect(response.failure).toBe('check id: body is not JSON')
    expect(samples[0]!.failure).toBe('check id: body is not JSON')
  })

  test('a check that throws fails the exchange, and then the script with its error', async () => {
    const { http, samples, checks } = opened({ body: '{}' })
    const broken = new TypeError('cannot read x')
    const check = {
      first: () => {
        throw broken
      },
    }
    await expect(http.get('/a', { check })).rejects.toBe(broken)
    expect(samples[0]!.failure).toBe('check first threw: cannot read x')
    expect(checks).toEqual([['GET /a: first', 'threw cannot read x']])
  })

  test('an async check is a mistake, not a check that always passes', async () => {
    const { http } = opened({})
    const check = (() => Promise.resolve(false)) as unknown as () => boolean
    await expect(http.get('/a', { check })).rejects.toThrow('it must not be async')
  })
})

describe('a schema', () => {
  const item = z.object({ id: z.number(), tags: z.array(z.object({ name: z.string() })) })

  test('types and transforms what json() returns', async () => {
    const { http, checks } = opened({ body: '{"at":"5"}' })
    const schema = z.object({ at: z.string().transform(Number) })
    const response = await http.get('/a', { schema })
    expect(response.json().at + 1).toBe(6)
    expect(checks).toEqual([['GET /a: schema', undefined]])
  })

  test('fails with the place of the first issue, without positions in lists', async () => {
    const body = '{"id":1,"tags":[{"name":"a"},{"name":7}]}'
    const { http, samples, checks } = opened({ body })
    await http.get('/a', { schema: item })
    const { failure } = samples[0]!
    expect(failure).toMatch(/^schema: tags\.\[\]\.name: .*string/)
    expect(checks).toEqual([['GET /a: schema', failure]])
  })

  test('fails when the body is not JSON or cannot be decoded', async () => {
    const plain = opened({ body: 'oops' })
    await plain.http.get('/a', { schema: item })
    const headers = [['content-encoding', 'gzip']] as const
    const broken = opened({ body: 'oops', undecodable: true, headers })
    await broken.http.get('/a', { schema: item })
    expect([plain.samples[0]!.failure, broken.samples[0]!.failure]).toEqual([
      'schema: body is not JSON',
      'schema: body cannot be decoded as gzip',
    ])
  })

  test('may be asynchronous; the checks come after it', async () => {
    const { http, checks, samples } = opened({ body: '{"id":1}' })
    const schema: StandardSchema<{ id: string }> = {
      '~standard': {
        ...{ version: 1, vendor: 'test' },
        validate: async () => ({ value: { id: 'one' } }),
      },
    }
    const response = await http.get('/a', { schema, check: answer => answer.json().id === 'one' })
    expect(response.ok).toBe(true)
    expect(checks.map(([check]) => check)).toEqual(['GET /a: schema', 'GET /a: check'])
    expect(samples).toHaveLength(1)
  })

  test('that throws, now or later, fails the exchange and then the script', async () => {
    const { http, samples } = opened({ body: '{}' })
    const broken = new Error('broken schema')
    for (const isAsync of [false, true]) {
      const validate = () => {
        if (isAsync) return Promise.reject(broken)
        throw broken
      }
      const schema: StandardSchema = { '~standard': { version: 1, vendor: 'test', validate } }
      await expect(http.get('/a', { schema })).rejects.toBe(broken)
    }
    const failure = 'schema threw: broken schema'
    expect(samples.map(sample => sample.failure)).toEqual([failure, failure])
  })
})

describe('required', () => {
  test('a failed exchange is recorded and then ends the iteration', async () => {
    const { http, samples } = opened({ status: 401 })
    await expect(http.post('/login', { required: true })).rejects.toMatchObject({
      name: 'RequiredExchangeFailed',
      message: 'POST /login: status 401',
    })
    expect(samples[0]!.failure).toBe('status 401')
  })

  test('an exchange that is ok goes on', async () => {
    const { http } = opened({ status: 200 })
    expect((await http.post('/login', { required: true })).ok).toBe(true)
  })
})
