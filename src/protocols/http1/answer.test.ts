import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ask, openClient, serverSaying, textOf } from '../testing/rig.ts'

const answerTo = async (text: string | Buffer, maxBodyBytes = 1_000_000) =>
  ask(openClient(), (await serverSaying(text)).url, { maxBodyBytes })

describe('headers of an answer', () => {
  const text =
    'HTTP/1.1 200 Very OK\r\nX-One: a\r\nSet-Cookie: s=1; Path=/\r\nx-one:\tb, c \r\nEmpty:\r\n' +
    'set-cookie: t=2\r\ncontent-length: 17\r\n\r\nX-One: body\r\n\r\n\r\n'

  test('by lower-case name, several lines joined or as lines', async () => {
    const answer = await answerTo(text)
    expect(answer.header('x-one')).toBe('a, b, c')
    expect(answer.headerLines('x-one')).toEqual(['a', 'b, c'])
    expect(answer.headerLines('set-cookie')).toEqual(['s=1; Path=/', 't=2'])
    expect(answer.header('empty')).toBe('')
    expect(answer.header('one')).toBeUndefined()
    expect(answer.header('x-on')).toBeUndefined()
    expect(answer.headerLines('missing')).toEqual([])
  })

  test('all of them, in order, as sent; the body is not taken for one', async () => {
    const answer = await answerTo(text)
    expect(answer.headerEntries()).toEqual([
      ...[
        ['X-One', 'a'],
        ['Set-Cookie', 's=1; Path=/'],
        ['x-one', 'b, c'],
        ['Empty', ''],
      ],
      ...[
        ['set-cookie', 't=2'],
        ['content-length', '17'],
      ],
    ])
    expect(textOf(answer)).toBe('X-One: body\r\n\r\n\r\n')
  })

  test('cookies are known to be there or not', async () => {
    expect((await answerTo(text)).setsCookies).toBe(true)
    expect((await answerTo('HTTP/1.1 204 No\r\nset-cookies: a\r\n\r\n')).setsCookies).toBe(false)
  })

  test('none at all, and no reason', async () => {
    const answer = await answerTo('HTTP/1.1 204\r\n\r\n')
    expect(answer.statusText).toBe('')
    expect(answer.headerEntries()).toEqual([])
    expect(answer.header('a')).toBeUndefined()
  })
})

describe('the body of an answer', () => {
  const packed = gzipSync('hello '.repeat(1_000))
  const head =
    'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n' + `content-length: ${packed.length}\r\n\r\n`

  test('is decoded when asked for, once, and kept as sent', async () => {
    const answer = await answerTo(Buffer.concat([Buffer.from(head), packed]))
    expect(textOf(answer)).toBe('hello '.repeat(1_000))
    expect(answer.body()).toBe(answer.body())
    expect(Buffer.compare(answer.rawBody, packed)).toBe(0)
  })

  test('that does not fit when decoded throws where it is asked for, not before', async () => {
    const answer = await answerTo(Buffer.concat([Buffer.from(head), packed]), 1_000)
    expect(answer.failure).toBeUndefined()
    expect(answer.status).toBe(200)
    expect(() => answer.body()).toThrow('body grows beyond 1000 bytes when decoded from gzip')
  })

  test('survives the next read into the same buffer', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    const first = Buffer.concat([
      Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 256\r\n\r\n'),
      bytes,
    ])
    const server = await serverSaying(first)
    const client = openClient()
    const answers = [await ask(client, server.url), await ask(client, server.url)]
    for (const answer of answers) expect(Buffer.compare(answer.rawBody, bytes)).toBe(0)
  })
})
