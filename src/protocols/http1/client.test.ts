import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { ask, listen, okWith, openClient, rawServer, requestFor, textOf } from '../testing/rig.ts'
import type { Answer } from '../exchange.ts'

describe('an exchange', () => {
  test('brings status, headers and body, and times that add up', async () => {
    const port = await listen(
      createServer((request, response) => {
        response.writeHead(201, 'Made', { 'content-type': 'text/plain', 'x-path': request.url })
        response.end('schön')
      }),
    )
    const answer = await ask(openClient(), `http://127.0.0.1:${port}/a?b=c#d`)
    expect(answer).toMatchObject({
      failure: undefined,
      status: 201,
      statusText: 'Made',
      retries: 0,
    })
    expect(textOf(answer)).toBe('schön')
    expect(answer.header('x-path')).toBe('/a?b=c')
    expect(answer.header('x-missing')).toBeUndefined()
    expect(answer.connectionReused).toBe(false)
    expect(answer.dnsUs).toBe(0)
    expect(answer.tlsUs).toBe(0)
    const parts = answer.connectUs + answer.firstByteUs + answer.downloadUs
    const totalUs = answer.endedAtUs - answer.startedAtUs
    expect(Math.min(answer.connectUs, answer.firstByteUs)).toBeGreaterThan(0)
    expect(parts).toBeLessThanOrEqual(totalUs)
  })

  test('times the name when there is one', async () => {
    const port = await listen(createServer((_, response) => response.end('hi')))
    const answer = await ask(openClient(), `http://localhost:${port}/`)
    expect(answer.status).toBe(200)
    expect(answer.dnsUs).toBeGreaterThan(0)
  })

  test('sends text, bytes and streams as they are', async () => {
    const port = await listen(
      createServer((request, response) => {
        const parts: Buffer[] = []
        request.on('data', (part: Buffer) => parts.push(part))
        request.on('end', () => response.end(Buffer.concat(parts)))
      }),
    )
    const client = openClient()
    const url = `http://127.0.0.1:${port}/`
    const large = Buffer.alloc(300_000, 'abcdefg')
    const echo = async (body: string | Buffer) =>
      Buffer.from((await ask(client, url, { method: 'POST', body })).rawBody)
    expect((await echo('größe')).toString()).toBe('größe')
    expect((await echo('')).toString()).toBe('')
    expect((await echo(Buffer.from([0, 255, 128]))).toString('hex')).toBe('00ff80')
    expect((await echo(large)).equals(large)).toBe(true)
    expect((await echo('ö'.repeat(50_000))).toString()).toBe('ö'.repeat(50_000))
  })

  test('counts the bytes of the wire, heads and framing included', async () => {
    const answerText = okWith('hello')
    const server = await rawServer(({ socket }) => socket.write(answerText))
    const client = openClient()
    const request = requestFor(server.url, { method: 'POST', body: 'ö' })
    const answer = await new Promise<Answer>(done => client.exchange(request, done))
    expect(answer.bytesIn).toBe(answerText.length)
    expect(answer.bytesOut).toBe(request.head.length + 2)
  })

  test('is never done before exchange has returned', async () => {
    const client = openClient()
    let returned = false
    const answer = await new Promise<Answer>(resolve => {
      client.exchange(requestFor('http://127.0.0.1:1/'), early => {
        expect(returned).toBe(true)
        resolve(early)
      })
      returned = true
    })
    expect(answer.failure).toBe('connection refused')
  })
})

describe('where an exchange goes', () => {
  const hasIpv6 = Object.values(networkInterfaces())
    .flat()
    .some(face => face?.address === '::1')

  // Without ::1 on the loopback interface there is nothing to listen on.
  test.skipIf(!hasIpv6)('an IPv6 address', async () => {
    const server = createServer((request, response) => response.end(request.headers.host))
    const port = await listen(server, '::1')
    const answer = await ask(openClient(), `http://[::1]:${port}/`)
    expect(answer.failure).toBeUndefined()
    expect(textOf(answer)).toBe(`[::1]:${port}`)
  })

  test('a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const socketPath = join(folder, 'web.sock')
    const server = createServer((_, response) => response.end('by file')).listen(socketPath)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const client = openClient()
    expect(textOf(await ask(client, 'http://localhost/', { socketPath }))).toBe('by file')
    const missing = await ask(client, 'http://localhost/', { socketPath: `${socketPath}.not` })
    expect(missing.failure).toBe('socket file not found')
    client.close()
  })

  test('two origins from one client, each with its own connections', async () => {
    const server = () =>
      rawServer(({ socket, connection }) => socket.write(okWith(`${connection}`)))
    const [a, b] = [await server(), await server()]
    const client = openClient()
    for (const url of [a.url, b.url, a.url, b.url]) {
      expect(textOf(await ask(client, url))).toBe('0')
    }
    expect([a.connections(), b.connections()]).toEqual([1, 1])
  })

  test('a name that does not exist, and a port where nobody listens', async () => {
    const client = openClient()
    const unknown = await ask(client, 'http://no-such-host.invalid/')
    expect(unknown).toMatchObject({ failure: 'name not resolved', status: 0 })
    const server = createTcpServer()
    const port = await listen(server)
    await new Promise(resolve => server.close(resolve))
    const refused = await ask(client, `http://127.0.0.1:${port}/`)
    expect(refused).toMatchObject({ failure: 'connection refused', bytesIn: 0, bytesOut: 0 })
  })
})

describe('closing the client', () => {
  test('ends what is under way as aborted, waiting exchanges too, and later ones', async () => {
    const server = await rawServer(() => {})
    const client = openClient({ maxConnectionsPerOrigin: 1 })
    const running = ask(client, server.url)
    const waiting = ask(client, server.url)
    client.close()
    const late = ask(client, server.url)
    for (const answer of await Promise.all([running, waiting, late])) {
      expect(answer).toMatchObject({ failure: 'aborted', status: 0 })
    }
  })

  test('ends an exchange in the middle of a body, with the status that was seen', async () => {
    const server = await rawServer(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello')
      setImmediate(() => client.close())
    })
    const client = openClient()
    const answer = await ask(client, server.url)
    expect(answer.failure).toBe('aborted')
  })

  test('lets the server see its connections closed', async () => {
    const closed = Promise.withResolvers<void>()
    const server = await rawServer(({ socket }) => {
      socket.on('close', () => closed.resolve())
      socket.write(okWith('hi'))
    })
    const client = openClient()
    await ask(client, server.url)
    client.close()
    await closed.promise
  })
})

describe('whatever a server does', () => {
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
  /** Answers that echo `id`, in the ways that answers may have, and some that they may not. */
  const answers: readonly ((id: string) => string)[] = [
    okWith,
    okWith,
    id => `${chunked}${id.length.toString(16)}\r\n${id}\r\n0\r\n\r\n`,
    id => `HTTP/1.1 103 Hints\r\nx: ${id}\r\n\r\n${okWith(id)}`,
    id => `${okWith(id)}${okWith('twice')}`,
    id => `${okWith(id)}junk`,
    id => okWith(id).replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'),
    id => `HTTP/1.1 200 OK\r\ncontent-length: ${id.length + 5}\r\n\r\n${id}`,
    () => 'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n',
    () => '',
  ]

  test('every exchange ends once, and no answer goes to another', async () => {
    const random = seededRandom(7, 'server')
    const server = await rawServer(({ socket, text }) => {
      const id = /^GET \/(\S+)/.exec(text)?.[1] ?? ''
      const bytes = Buffer.from(random.oneOf(answers)(id), 'latin1')
      // What follows an answer in a write of its own may come after the next request has gone out:
      // nobody could tell it from an answer to that.
      const isMore = /twice|junk/.test(bytes.toString('latin1'))
      const cut = isMore ? bytes.length : random.int(0, bytes.length)
      socket.write(bytes.subarray(0, cut))
      setImmediate(() => {
        socket.write(bytes.subarray(cut))
        if (random.chance(0.1)) socket.destroy()
        else if (random.chance(0.1)) socket.end()
      })
    })
    const clients = Array.from({ length: 4 }, () => openClient({ maxConnectionsPerOrigin: 5 }))
    const counts = { good: 0, failed: 0 }
    const user = async (number: number) => {
      const client = clients[number % clients.length] ?? openClient()
      for (let i = 0; i < 40; i++) {
        const id = `user-${number}-${i}`
        const answer = await ask(client, `${server.url}${id}`, { timeoutUs: 150_000 })
        if (answer.failure !== undefined) counts.failed++
        else if (textOf(answer) === id) counts.good++
        else expect(`${id} got ${textOf(answer)}`).toBe('')
      }
    }
    await Promise.all(Array.from({ length: 25 }, (_, number) => user(number)))
    expect(counts.good + counts.failed).toBe(1_000)
    expect(counts.good).toBeGreaterThan(300)
    expect(counts.failed).toBeGreaterThan(100)
  })
})
