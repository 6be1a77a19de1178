import { describe, expect, test } from 'vitest'
import { FakeClient, type FakeAnswer } from '../testing/fake-client.ts'
import { open, scenarioFor } from '../testing/open.ts'

const answered = (answer: FakeAnswer) =>
  open(new FakeClient(() => answer), scenarioFor('http://shop')).http.get('/a')

describe('a response', () => {
  test('gives its headers in any case, joined or line by line', async () => {
    const headers = [
      ['X-A', '1'],
      ['x-a', '2'],
      ['Date', 'today'],
    ] as const
    const response = await answered({ headers })
    expect(response.headers.get('x-A')).toBe('1, 2')
    expect(response.headers.getAll('X-a')).toEqual(['1', '2'])
    expect([response.headers.has('DATE'), response.headers.has('etag')]).toEqual([true, false])
    expect([...response.headers.entries()]).toEqual(headers)
    expect(response.statusText).toBe('As Told')
  })

  test('parses JSON once', async () => {
    const response = await answered({ body: '{"a":[1]}' })
    expect(response.json()).toEqual({ a: [1] })
    expect(response.json()).toBe(response.json())
  })

  test('says what came instead of JSON, and from where', async () => {
    const headers = [['content-type', 'text/html']] as const
    const html = await answered({ status: 502, headers, body: `<html>${'x'.repeat(500)}` })
    expect(() => html.json()).toThrow(
      'GET /a: the answer (status 502, text/html) is not JSON: it begins ' +
        `"<html>${'x'.repeat(74)}…"`,
    )
    const empty = await answered({ status: 204 })
    expect(() => empty.json()).toThrow('(status 204, no content-type) is not JSON: it is empty')
    const none = await answered({ failure: 'timeout' })
    expect(() => none.json()).toThrow('the answer (timeout, no content-type) is not JSON')
  })

  test.each([
    ['text/plain', Uint8Array.of(0xc3, 0xbc), 'ü'],
    ['text/plain; charset=UTF-8', Uint8Array.of(0xc3, 0xbc), 'ü'],
    ['text/plain; charset="iso-8859-1"', Uint8Array.of(0xfc), 'ü'],
    ['text/plain;charset=utf-16le', Uint8Array.of(0xfc, 0), 'ü'],
    ['text/plain;charset=no-such', Uint8Array.of(0xc3, 0xbc), 'ü'],
    ['application/json', Uint8Array.of(0xef, 0xbb, 0xbf, 0x31), '1'],
  ])('reads %s in its charset', async (type, body, text) => {
    const response = await answered({ headers: [['Content-Type', type]], body })
    expect(response.text()).toBe(text)
    expect(response.bytes()).toEqual(body)
  })

  test('a body that cannot be decoded fails only whoever reads it', async () => {
    const headers = [['content-encoding', 'br']] as const
    const response = await answered({ headers, body: 'x', undecodable: true })
    expect(response.ok).toBe(true)
    expect(() => response.text()).toThrow(
      'GET /a: the body cannot be decoded as br: incorrect header check',
    )
  })
})
