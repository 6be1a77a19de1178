import { createServer as createHttpsLike } from 'node:http'
import { describe, expect, test } from 'vitest'
import { ask, listen, okWith, openClient, rawServer, serverSaying, textOf } from '../testing/rig.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
const manyHeaders = (count: number) =>
  Array.from({ length: count }, (_, index) => `x-${index}: ${index}\r\n`).join('')

describe('a bad answer is a failure in words, and the next exchange is not hurt', () => {
  const cases: Record<string, [text: string, failure: string, status?: number]> = {
    'not HTTP at all': ['SSH-2.0-OpenSSH_9.2\r\n', 'invalid answer: not HTTP/1'],
    'the first byte is wrong': ['x', 'invalid answer: not HTTP/1'],
    'TLS behind a plain URL': ['\x15\x03\x01\0\x02\x02\x46', 'invalid answer: the port speaks TLS'],
    'a wrong version': ['HTTP/1.7 200 OK\r\n\r\n', 'invalid answer: HTTP version'],
    'a wrong status': ['HTTP/1.1 2x0 OK\r\n\r\n', 'invalid answer: status line'],
    'a bare LF': ['HTTP/1.1 200 OK\n\n', 'invalid answer: line ending'],
    'a folded header': [`${ok}a: b\r\n c\r\n\r\n`, 'invalid answer: folded header'],
    'a broken header name': [`${ok}a b: c\r\n\r\n`, 'invalid answer: header name'],
    'a control character': [`${ok}a: b\x01\r\n\r\n`, 'invalid answer: header value'],
    'a negative length': [`${ok}content-length: -1\r\n\r\n`, 'invalid answer: length'],
    'a length in words': [`${ok}content-length: five\r\n\r\n`, 'invalid answer: length'],
    'conflicting lengths': [
      `${ok}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`,
      'invalid answer: two lengths',
    ],
    'length and chunked': [
      `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`,
      'invalid answer: length and transfer-encoding',
    ],
    'a chunk size in words': [
      `${ok}transfer-encoding: chunked\r\n\r\nfive\r\n`,
      'invalid answer: chunk size',
      200,
    ],
    'a negative chunk size': [
      `${ok}transfer-encoding: chunked\r\n\r\n-5\r\n`,
      'invalid answer: chunk size',
      200,
    ],
    'a chunk size beyond all bounds': [
      `${ok}transfer-encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n`,
      'invalid answer: chunk size',
      200,
    ],
    'a chunk that is longer than it says': [
      `${ok}transfer-encoding: chunked\r\n\r\n2\r\nhello\r\n`,
      'invalid answer: chunk framing',
      200,
    ],
    'an endless chunk extension': [
      `${ok}transfer-encoding: chunked\r\n\r\n2;${'x'.repeat(20_000)}`,
      'invalid answer: chunk extension',
      200,
    ],
    'a huge trailer': [
      `${ok}transfer-encoding: chunked\r\n\r\n0\r\n${manyHeaders(10_000)}`,
      'invalid answer: trailer too large',
      200,
    ],
    'a broken trailer': [
      `${ok}transfer-encoding: chunked\r\n\r\n0\r\nhello\r\n\r\n`,
      'invalid answer: header name',
      200,
    ],
    'a switch of protocols': [
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n',
      'invalid answer: protocol switch',
    ],
    '50,000 headers': [`${ok}${manyHeaders(50_000)}`, 'head too large'],
  }
  test.each(Object.entries(cases))('%s', async (_, [text, failure, status = 0]) => {
    const server = await rawServer(({ socket, connection }) => {
      socket.write(Buffer.from(connection === 0 ? text : okWith('fine'), 'latin1'))
    })
    const client = openClient()
    const bad = await ask(client, server.url)
    expect(bad).toMatchObject({ failure, status })
    expect(bad.bytesIn).toBeGreaterThan(0)
    expect(bad.rawBody).toHaveLength(0)
    const good = await ask(client, server.url)
    expect(good.failure).toBeUndefined()
    expect(textOf(good)).toBe('fine')
  })

  test('a declared body beyond the limit fails before it comes, with its headers', async () => {
    const server = await serverSaying(`${ok}content-length: 2147483648\r\nx-a: b\r\n\r\n`)
    const answer = await ask(openClient(), server.url)
    expect(answer).toMatchObject({ failure: 'body too large', status: 200 })
    expect(answer.header('x-a')).toBe('b')
  })

  test('10,000 headers are read when the head may be that large', async () => {
    const server = await serverSaying(`${ok}${manyHeaders(10_000)}content-length: 2\r\n\r\nhi`)
    const answer = await ask(openClient({ maxHeadBytes: 1_000_000 }), server.url)
    expect(answer.failure).toBeUndefined()
    expect(answer.headerEntries()).toHaveLength(10_001)
    expect(answer.header('x-9999')).toBe('9999')
    expect(textOf(answer)).toBe('hi')
  })
})

describe('an endless answer is cut where its limit is', () => {
  /** Writes `part` for as long as the client takes it. */
  const endless = (start: string, part: Buffer) =>
    rawServer(({ socket }) => {
      socket.write(start)
      const fill = () => {
        while (!socket.destroyed && socket.write(part));
      }
      socket.on('drain', fill)
      fill()
    })
  const megabyte = Buffer.alloc(1_048_576, 'x')
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), megabyte, Buffer.from('\r\n')])

  test.each([
    ['a 2 GB body of declared length', `${ok}content-length: 2000000000\r\n\r\n`, megabyte],
    ['a body until close', `${ok}\r\n`, megabyte],
    ['endless chunks', `${ok}transfer-encoding: chunked\r\n\r\n`, chunk],
  ])('%s', async (_, start, part) => {
    const server = await endless(start, part)
    const answer = await ask(openClient(), server.url, { maxBodyBytes: 5_000_000 })
    expect(answer).toMatchObject({ failure: 'body too large', status: 200 })
    expect(answer.bytesIn).toBeLessThan(10_000_000)
  })

  test.each([
    ['a 100 MB header', `${ok}x: `, megabyte],
    ['endless headers', ok, Buffer.from('x: y\r\n'.repeat(10_000))],
    ['an endless reason', 'HTTP/1.1 200 ', megabyte],
  ])('%s', async (_, start, part) => {
    const server = await endless(start, part)
    const answer = await ask(openClient(), server.url)
    expect(answer).toMatchObject({ failure: 'head too large', status: 0 })
    expect(answer.bytesIn).toBeLessThan(1_000_000)
  })

  test.each([
    ['answers of 100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['empty lines', '\r\n'],
  ])('%s end with the time', async (_, text) => {
    const server = await endless(text, Buffer.from(text.repeat(1_000)))
    const answer = await ask(openClient(), server.url, { timeoutUs: 50_000 })
    expect(answer).toMatchObject({ failure: 'timeout', status: 0 })
  })
})

describe('an answer that stalls or breaks off', () => {
  test.each([
    ['never begins', '', 0],
    ['stalls in the status line', 'HTTP/1.1 2', 0],
    ['stalls in the head', `${ok}content-`, 0],
    ['stalls in the body', `${ok}content-length: 10\r\n\r\nhello`, 200],
    ['stalls in a chunk', `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhe`, 200],
    ['stalls in a body until close', `${ok}\r\nhello`, 200],
  ])('%s: ends with its time', async (_, text, status) => {
    const server = await serverSaying(text)
    const answer = await ask(openClient(), server.url, { timeoutUs: 300_000 })
    expect(answer).toMatchObject({ failure: 'timeout', status })
    expect(answer.endedAtUs - answer.startedAtUs).toBeGreaterThanOrEqual(300_000)
  })

  test.each([
    ['without a byte', '', 0],
    ['in the head', `${ok}content-`, 0],
    ['in the body', `${ok}content-length: 10\r\n\r\nhello`, 200],
    ['in a chunk', `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhe`, 200],
    ['before the last chunk', `${ok}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n`, 200],
  ])('closed %s', async (_, text, status) => {
    const server = await rawServer(({ socket }) => socket.end(text))
    const answer = await ask(openClient(), server.url)
    expect(answer).toMatchObject({ failure: 'closed early', status })
  })

  test('reset', async () => {
    const server = await rawServer(({ socket }) => {
      socket.write(`${ok}\r\nhello`, () => socket.resetAndDestroy())
    })
    const answer = await ask(openClient(), server.url)
    expect(answer).toMatchObject({ failure: 'connection reset', status: 200 })
  })

  test('dripping byte by byte is read whole', async () => {
    const text = `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\na: b\r\n\r\n`
    const server = await rawServer(({ socket }) => {
      const drip = (at: number) => {
        if (at < text.length) socket.write(text.charAt(at), () => setImmediate(drip, at + 1))
      }
      drip(0)
    })
    const answer = await ask(openClient(), server.url)
    expect(answer.failure).toBeUndefined()
    expect(textOf(answer)).toBe('hello')
    expect(answer.bytesIn).toBe(text.length)
    expect(answer.downloadUs).toBeGreaterThan(0)
  })
})

describe('a streamed upload', () => {
  async function* parts(count: number, part: Buffer) {
    for (let i = 0; i < count; i++) yield part
  }

  test.each([
    ['in chunks', true, []],
    ['with a length', false, ['content-length: 1000000']],
  ])('%s', async (_, chunked, headers) => {
    const port = await listen(
      createHttpsLike((request, response) => {
        let bytes = 0
        request.on('data', (part: Buffer) => (bytes += part.length))
        request.on('end', () => response.end(`${bytes} ${request.headers['transfer-encoding']}`))
      }),
    )
    const client = openClient()
    const url = `http://127.0.0.1:${port}/`
    const body = parts(100, Buffer.alloc(10_000, 'x'))
    const answer = await ask(client, url, { method: 'POST', body, chunked, headers })
    expect(textOf(answer)).toBe(`1000000 ${chunked ? 'chunked' : 'undefined'}`)
    expect(answer.bytesOut).toBeGreaterThan(1_000_000)
    expect((await ask(client, url)).connectionReused).toBe(true)
  })

  test('with empty parts and no parts at all', async () => {
    const port = await listen(createHttpsLike((request, response) => request.pipe(response)))
    const client = openClient()
    const url = `http://127.0.0.1:${port}/`
    async function* some() {
      yield Buffer.from('a')
      yield Buffer.alloc(0)
      yield Buffer.from('b')
    }
    const send = (body: AsyncIterable<Uint8Array>) =>
      ask(client, url, { method: 'POST', body, chunked: true })
    expect(textOf(await send(some()))).toBe('ab')
    expect(textOf(await send(parts(0, Buffer.alloc(0))))).toBe('')
  })

  test('stops when the server answers before it has ended', async () => {
    const server = await rawServer(({ socket, connection }) => {
      const refused = 'HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno'
      socket.write(connection === 0 ? refused : okWith('next'))
    })
    const stopped = Promise.withResolvers<void>()
    async function* endless() {
      try {
        for (;;) {
          yield Buffer.alloc(100)
          await new Promise(resolve => setImmediate(resolve))
        }
      } finally {
        stopped.resolve()
      }
    }
    const client = openClient()
    const answer = await ask(client, server.url, { method: 'POST', body: endless(), chunked: true })
    expect(answer).toMatchObject({ failure: undefined, status: 413 })
    expect(textOf(answer)).toBe('no')
    await stopped.promise
    const next = await ask(client, server.url)
    expect(next.connectionReused).toBe(false)
    expect(textOf(next)).toBe('next')
  })

  test('waits for a server that does not read, until the time is over', async () => {
    const server = await rawServer(({ socket }) => socket.pause())
    let produced = 0
    async function* endless() {
      for (;;) {
        produced++
        yield Buffer.alloc(100_000)
      }
    }
    const answer = await ask(openClient(), server.url, {
      ...{ method: 'POST', body: endless(), chunked: true, timeoutUs: 50_000 },
    })
    expect(answer.failure).toBe('timeout')
    // Bounded by the socket buffers, not by the time.
    expect(produced).toBeLessThan(500)
  })

  test('that fails in the script is a failure of the exchange', async () => {
    const server = await rawServer(() => {})
    async function* broken() {
      yield Buffer.from('a')
      throw new Error('no such file')
    }
    const answer = await ask(openClient(), server.url, {
      ...{ method: 'POST', body: broken(), chunked: true },
    })
    expect(answer).toMatchObject({ failure: 'request body failed: no such file', status: 0 })
  })

  test('an answer before a large body has gone closes the connection', async () => {
    const server = await rawServer(({ socket, connection, index }) => {
      if (index > 0) return
      if (connection === 0) socket.pause()
      socket.write(okWith(`${connection}`))
    })
    const client = openClient()
    const body = Buffer.alloc(20_000_000)
    const early = await ask(client, server.url, { method: 'POST', body })
    expect(early).toMatchObject({ failure: undefined, status: 200 })
    const next = await ask(client, server.url)
    expect(next.connectionReused).toBe(false)
    expect(textOf(next)).toBe('1')
  })
})
