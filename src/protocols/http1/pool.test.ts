import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import type { Answer } from '../exchange.ts'
import { ask, okWith, openClient, rawServer, textOf, type RawServer } from '../testing/rig.ts'

/** Resolves in a later turn of the loop, after what is already on its way has been handled. */
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}

/** Each answer says which connection and which request on it: '0.3'. */
const counting = () =>
  rawServer(({ socket, connection, index }) => socket.write(okWith(`${connection}.${index}`)))

describe('a connection is used again', () => {
  const ok = 'HTTP/1.1 200 OK\r\n'
  const reusable: Record<string, [answer: string, method?: string]> = {
    'a declared length': [okWith('hello')],
    'an empty body': [`${ok}content-length: 0\r\n\r\n`],
    'a chunked body': [`${ok}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`],
    'a trailer': [`${ok}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n`],
    '204': ['HTTP/1.1 204 No Content\r\n\r\n'],
    '304 with a length': ['HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n'],
    'HEAD with a length': [`${ok}content-length: 5\r\n\r\n`, 'HEAD'],
    'HEAD with chunked': [`${ok}transfer-encoding: chunked\r\n\r\n`, 'HEAD'],
    'a 100 in front': [`HTTP/1.1 100 Continue\r\n\r\n${okWith('hello')}`],
    'a 103 in front': [`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${okWith('hello')}`],
    'HTTP/1.0 with keep-alive': [
      'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nhi',
    ],
    'an error status': ['HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nno'],
  }
  test.each(Object.entries(reusable))('after %s', async (_, [text, method = 'GET']) => {
    const server = await rawServer(({ socket }) => socket.write(text))
    const client = openClient()
    const first = await ask(client, server.url, { method })
    const second = await ask(client, server.url, { method })
    expect([first.failure, second.failure]).toEqual([undefined, undefined])
    expect([first.connectionReused, second.connectionReused]).toEqual([false, true])
    expect(second).toMatchObject({ dnsUs: 0, connectUs: 0, tlsUs: 0, status: first.status })
    expect(server.connections()).toBe(1)
  })

  const single: Record<string, string> = {
    'connection: close': `${ok}Connection: close\r\ncontent-length: 2\r\n\r\nhi`,
    'close among others': `${ok}Connection: x, Close\r\ncontent-length: 2\r\n\r\nhi`,
    'HTTP/1.0': 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi',
    'bytes behind the body': `${okWith('hi')}more`,
    'a second answer behind the first': `${okWith('hi')}${okWith('ho')}`,
    'bytes behind the last chunk': `${ok}transfer-encoding: chunked\r\n\r\n0\r\n\r\nmore`,
    'a body where none may be': 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nhi',
  }
  test.each(Object.entries(single))('but not after %s', async (_, text) => {
    const server = await rawServer(({ socket }) => socket.write(text))
    const client = openClient()
    const first = await ask(client, server.url)
    const second = await ask(client, server.url)
    expect([first.failure, second.failure]).toEqual([undefined, undefined])
    expect([textOf(first), textOf(second)]).toEqual([textOf(first), textOf(first)])
    expect(second.connectionReused).toBe(false)
    expect(server.connections()).toBe(2)
  })

  test('but not after a body until close', async () => {
    const server = await rawServer(({ socket }) => socket.end(`${ok}\r\nall`))
    const client = openClient()
    expect(textOf(await ask(client, server.url))).toBe('all')
    expect(textOf(await ask(client, server.url))).toBe('all')
    expect(server.connections()).toBe(2)
  })

  test('but not without keepAlive', async () => {
    const server = await counting()
    const client = openClient({ keepAlive: false })
    const answers = [await ask(client, server.url), await ask(client, server.url)]
    expect(answers.map(textOf)).toEqual(['0.0', '1.0'])
    expect(answers.map(answer => answer.connectionReused)).toEqual([false, false])
  })

  test('the one used last first', async () => {
    const server = await counting()
    const client = openClient()
    await Promise.all([ask(client, server.url), ask(client, server.url)])
    const texts = [textOf(await ask(client, server.url)), textOf(await ask(client, server.url))]
    expect(texts[0]?.[0]).toBe(texts[1]?.[0])
  })
})

describe('an idle connection', () => {
  test('that the server closes is not used again', async () => {
    const noticed = Promise.withResolvers<void>()
    const server = await rawServer(({ socket, connection }) => {
      socket.on('close', () => noticed.resolve())
      socket.write(okWith(`${connection}`))
      setImmediate(() => socket.end())
    })
    const client = openClient()
    expect(textOf(await ask(client, server.url))).toBe('0')
    await noticed.promise
    const second = await ask(client, server.url, { method: 'POST', body: 'x' })
    expect(second).toMatchObject({ failure: undefined, retries: 0 })
    expect(textOf(second)).toBe('1')
  })

  test('that brings bytes nobody asked for is closed, and they go to no one', async () => {
    const noticed = Promise.withResolvers<void>()
    const server = await rawServer(({ socket, connection }) => {
      socket.on('close', () => noticed.resolve())
      socket.write(okWith(`${connection}`))
      setImmediate(() => socket.write(okWith('not yours')))
    })
    const client = openClient()
    expect(textOf(await ask(client, server.url))).toBe('0')
    await noticed.promise
    expect(textOf(await ask(client, server.url))).toBe('1')
  })

  test('is given up when the server said it would close it by now', async () => {
    const server = await rawServer(({ socket, connection }) => {
      const text = `${connection}`
      socket.write(
        `HTTP/1.1 200 OK\r\nkeep-alive: timeout=5, max=9\r\ncontent-length: 1\r\n\r\n${text}`,
      )
    })
    const clock = new FakeClock()
    const client = openClient({ clock })
    expect(textOf(await ask(client, server.url))).toBe('0')
    await clock.advance(3_900_000)
    expect(textOf(await ask(client, server.url))).toBe('0')
    await clock.advance(4_100_000)
    expect(textOf(await ask(client, server.url))).toBe('1')
  })
})

describe('a reused connection that dies before a byte of the answer', () => {
  /** Answers the first request of a connection, and hangs up on the second. */
  const dyingServer = () =>
    rawServer(({ socket, connection, index }) => {
      if (index === 0) socket.write(okWith(`${connection}`))
      else socket.destroy()
    })

  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])(
    '%s is sent once more on a fresh connection, and counted',
    async method => {
      const server = await dyingServer()
      const client = openClient()
      await ask(client, server.url)
      const request = { method, ...(method === 'PUT' ? { body: 'x' } : {}) }
      const answer = await ask(client, server.url, { ...request })
      const once = server.requests[1]?.text.length ?? 0
      expect(answer).toMatchObject({ failure: undefined, status: 200, retries: 1 })
      expect(answer.bytesOut).toBe(2 * once)
      expect(answer.connectionReused).toBe(false)
      expect(server.requests.map(({ connection, index }) => [connection, index])).toEqual([
        ...[
          [0, 0],
          [0, 1],
          [1, 0],
        ],
      ])
    },
  )

  test.each(['POST', 'PATCH'])('%s is not sent again', async method => {
    const server = await dyingServer()
    const client = openClient()
    await ask(client, server.url)
    const answer = await ask(client, server.url, { method, body: 'x' })
    expect(answer).toMatchObject({ status: 0, retries: 0, connectionReused: true })
    expect(['closed early', 'connection reset']).toContain(answer.failure)
    expect(server.requests).toHaveLength(2)
  })

  test('a stream is not sent again', async () => {
    const server = await dyingServer()
    const client = openClient()
    await ask(client, server.url)
    async function* body() {
      yield Buffer.from('x')
    }
    const answer = await ask(client, server.url, { method: 'PUT', body: body(), chunked: true })
    expect(answer.failure).toBeDefined()
    expect(answer.retries).toBe(0)
  })

  test('the second attempt is the last', async () => {
    const server = await rawServer(({ socket, connection }) => {
      if (connection === 0 && server.requests.length === 1) socket.write(okWith('a'))
      else socket.destroy()
    })
    const client = openClient()
    await ask(client, server.url)
    const answer = await ask(client, server.url)
    expect(answer).toMatchObject({ retries: 1, status: 0 })
    expect(['closed early', 'connection reset']).toContain(answer.failure)
    expect(server.requests).toHaveLength(3)
  })

  test('is not tried again when a part of the answer came, or on a fresh connection', async () => {
    const server = await rawServer(({ socket, connection, index }) => {
      if (connection === 0 && index === 0) socket.write(okWith('a'))
      else socket.end(connection === 0 ? 'HTTP/1.1 2' : '')
    })
    const client = openClient()
    await ask(client, server.url)
    const cut = await ask(client, server.url)
    const fresh = await ask(client, server.url)
    expect([cut, fresh]).toMatchObject([
      { failure: 'closed early', retries: 0 },
      { failure: 'closed early', retries: 0 },
    ])
  })
})

describe('more exchanges than connections', () => {
  const held = async (): Promise<{ server: RawServer; release: () => void }> => {
    const server = await rawServer(() => {})
    const release = () => {
      for (const { socket, connection } of server.requests.splice(0)) {
        socket.write(okWith(`${connection}`))
      }
    }
    return { server, release }
  }

  test('wait their turn, first come first served, and count the waiting as latency', async () => {
    const { server, release } = await held()
    const client = openClient({ maxConnectionsPerOrigin: 2 })
    const order: number[] = []
    const answers = [0, 1, 2, 3, 4].map(async number => {
      const answer = await ask(client, server.url)
      order.push(number)
      return answer
    })
    while (order.length < 5) {
      release()
      await turns(1)
    }
    expect(order.toSorted()).toEqual([0, 1, 2, 3, 4])
    expect(order.indexOf(4)).toBeGreaterThan(order.indexOf(2))
    expect(server.connections()).toBe(2)
    const last = (await Promise.all(answers))[4] as Answer
    const waitedUs = last.endedAtUs - last.startedAtUs - last.firstByteUs - last.downloadUs
    expect(waitedUs).toBeGreaterThan(0)
    expect(last.connectionReused).toBe(true)
  })

  test('get a fresh connection when one of them breaks', async () => {
    const server = await rawServer(({ socket, connection }) => {
      if (connection === 0) socket.destroy()
      else socket.write(okWith('second'))
    })
    const client = openClient({ maxConnectionsPerOrigin: 1 })
    const [first, second] = await Promise.all([ask(client, server.url), ask(client, server.url)])
    expect(first.failure).toBeDefined()
    expect(textOf(second)).toBe('second')
  })

  test('run out of time while they wait', async () => {
    const { server } = await held()
    const client = openClient({ maxConnectionsPerOrigin: 1 })
    const first = ask(client, server.url, { timeoutUs: 60_000 })
    const second = await ask(client, server.url, { timeoutUs: 20_000 })
    expect(second).toMatchObject({ failure: 'timeout waiting for a connection', bytesOut: 0 })
    expect((await first).failure).toBe('timeout')
  })
})

test('an exchange started inside done does not meet the one before', async () => {
  const server = await counting()
  const client = openClient({ maxConnectionsPerOrigin: 1 })
  const texts = await new Promise<string[]>(resolve => {
    const seen: string[] = []
    const next = (answer: Answer) => {
      seen.push(textOf(answer))
      if (seen.length === 5) resolve(seen)
      else void ask(client, server.url).then(next)
    }
    void ask(client, server.url).then(next)
  })
  expect(texts).toEqual(['0.0', '0.1', '0.2', '0.3', '0.4'])
})
