import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer, type ServerOptions } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../base/index.ts'
import { makeCertificates } from '../testing/certificates.ts'
import { proxyServer } from '../testing/proxy-server.ts'
import {
  ask,
  listen,
  noTls,
  okWith,
  openClient,
  rawServer,
  serverSaying,
  textOf,
} from '../testing/rig.ts'

const certificates = makeCertificates()
const { ca, server, expired, otherHost, selfSigned, client: clientPair } = certificates

/** Answers with the server name that the client asked for and the client certificate's name. */
async function tlsPort(options: ServerOptions): Promise<number> {
  return listen(
    createHttpsServer(options, (request, response) => {
      const socket = request.socket as TLSSocket
      const peer = socket.getPeerCertificate()
      response.end(`${String(socket.servername || 'none')} ${String(peer?.subject?.CN ?? 'none')}`)
    }).on('tlsClientError', () => {}),
  )
}

const trusting = { ...noTls, ca }

describe('where a client may connect', () => {
  const refused = 'refused by the safety guard'

  test('is asked with every address of a name, and a refusal sends nothing', async () => {
    const target = await serverSaying(okWith('hi'))
    const asked: string[] = []
    const heard: string[] = []
    const client = openClient({
      mayConnect: (host, address) => {
        asked.push(`${host} ${address}`)
        return false
      },
      onRefused: host => heard.push(host),
    })
    const byName = await ask(client, `http://localhost:${target.port}/`)
    const byAddress = await ask(client, target.url)
    expect([byName.failure, byAddress.failure]).toEqual([refused, refused])
    expect([byName.status, byName.bytesOut, byName.connectUs]).toEqual([0, 0, 0])
    expect(asked[0]).toMatch(/^localhost (127\.0\.0\.1|::1)$/)
    expect(asked.at(-1)).toBe('127.0.0.1 127.0.0.1')
    expect(heard).toEqual(['localhost', '127.0.0.1'])
    expect(target.connections()).toBe(0)
  })

  test('a client that may connect does, on one question per connection', async () => {
    const target = await serverSaying(okWith('hi'))
    let questions = 0
    const client = openClient({ mayConnect: () => ++questions > 0 })
    await ask(client, target.url)
    const second = await ask(client, target.url)
    expect([second.failure, second.connectionReused, questions]).toEqual([undefined, true, 1])
  })

  test('a client that is closed at once ends the exchange once, as aborted', async () => {
    const client = openClient({ mayConnect: () => false })
    const failures: (string | undefined)[] = []
    const answered = ask(client, 'http://127.0.0.1:1/').then(({ failure }) =>
      failures.push(failure),
    )
    client.close()
    await answered
    await new Promise(later => setImmediate(later))
    expect(failures).toEqual(['aborted'])
  })

  test.each(['http', 'https'])('a proxy is not asked for a refused %s target', async scheme => {
    const proxy = await rawServer(() => {})
    const asked: string[] = []
    const client = openClient({
      proxy: proxy.url,
      mayConnect: (host, address) => {
        asked.push(`${host} ${address}`)
        return false
      },
    })
    const answer = await ask(client, `${scheme}://203.0.113.5/`)
    expect(answer.failure).toBe(refused)
    expect(asked).toEqual(['203.0.113.5 ', '203.0.113.5 203.0.113.5'])
    expect(proxy.connections()).toBe(0)
  })

  test('through a proxy a target that is allowed by name is not looked up', async () => {
    const target = await serverSaying(okWith('hi'))
    const proxy = await proxyServer()
    const asked: string[] = []
    const client = openClient({
      proxy: proxy.url,
      mayConnect: (host, address) => {
        asked.push(`${host} ${address}`)
        return true
      },
    })
    const answer = await ask(client, target.url)
    expect([answer.failure, asked]).toEqual([undefined, ['127.0.0.1 ']])
  })

  test('through a proxy a target with good addresses is reached', async () => {
    const target = await serverSaying(okWith('hi'))
    const proxy = await proxyServer()
    const client = openClient({ proxy: proxy.url, mayConnect: (_, address) => address !== '' })
    expect((await ask(client, target.url)).failure).toBeUndefined()
    expect(proxy.seen).toEqual([`GET ${target.url}`])
  })
})

describe('TLS', () => {
  test('trusts the given authority, names the server, times the handshake, is reused', async () => {
    const port = await tlsPort(server)
    const client = openClient({ tls: trusting })
    const first = await ask(client, `https://localhost:${port}/`)
    const second = await ask(client, `https://localhost:${port}/`)
    expect([first.failure, second.failure]).toEqual([undefined, undefined])
    expect(textOf(first)).toBe('localhost none')
    expect(Math.min(first.tlsUs, first.connectUs, first.dnsUs)).toBeGreaterThan(0)
    expect(second).toMatchObject({ connectionReused: true, tlsUs: 0, connectUs: 0, dnsUs: 0 })
  })

  test('an address is checked as an address, and is not sent as a name', async () => {
    const port = await tlsPort(server)
    const answer = await ask(openClient({ tls: trusting }), `https://127.0.0.1:${port}/`)
    expect(answer.failure).toBeUndefined()
    expect(textOf(answer)).toBe('none none')
  })

  test('serverName replaces the host in SNI and in the check', async () => {
    const port = await tlsPort(otherHost)
    const tls = { ...trusting, serverName: 'shop.example' }
    const answer = await ask(openClient({ tls }), `https://127.0.0.1:${port}/`)
    expect(answer.failure).toBeUndefined()
    expect(textOf(answer)).toBe('shop.example none')
  })

  test.each([
    ['an expired certificate', expired, trusting, 'tls: certificate has expired'],
    ['a self-signed one', selfSigned, trusting, 'tls: self-signed certificate'],
    ['one for another host', otherHost, trusting, 'tls: certificate is for another host'],
    ['an unknown authority', server, noTls, 'tls: certificate from an unknown authority'],
  ])('refuses %s, in its own words, unless insecure', async (_, pair, tls, failure) => {
    const port = await tlsPort(pair)
    const url = `https://localhost:${port}/`
    const refused = await ask(openClient({ tls }), url)
    expect(refused).toMatchObject({ failure, status: 0, bytesIn: 0, bytesOut: 0 })
    const allowed = await ask(openClient({ tls: { ...tls, insecure: true } }), url)
    expect(allowed.failure).toBeUndefined()
    expect(allowed.status).toBe(200)
  })

  describe('with client certificates', () => {
    const mutual = { ...server, ca, requestCert: true }

    test('shows its own', async () => {
      const port = await tlsPort(mutual)
      const tls = { ...trusting, ...clientPair }
      const answer = await ask(openClient({ tls }), `https://localhost:${port}/`)
      expect(answer.failure).toBeUndefined()
      expect(textOf(answer)).toBe('localhost client')
    })

    test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: says that one is wanted', async version => {
      const port = await tlsPort({ ...mutual, minVersion: version, maxVersion: version })
      const answer = await ask(openClient({ tls: trusting }), `https://localhost:${port}/`)
      expect(answer.failure).toMatch(/^tls: (server wants a client certificate|handshake failure)$/)
    })

    test('fails when its own is not accepted: Node hangs up without saying why', async () => {
      const port = await tlsPort({ ...mutual, minVersion: 'TLSv1.3' })
      const tls = { ...trusting, ...selfSigned }
      const answer = await ask(openClient({ tls }), `https://localhost:${port}/`)
      expect(answer.failure).toMatch(/^(closed early|connection reset)$/)
    })
  })

  test('on a plain port says so', async () => {
    const port = await listen(createHttpServer((_, response) => response.end('hi')))
    const answer = await ask(openClient(), `https://localhost:${port}/`)
    expect(answer.failure).toBe('tls: the port does not speak TLS')
  })

  test('a plain exchange on a TLS port says so', async () => {
    const port = await tlsPort(server)
    const answer = await ask(openClient(), `http://localhost:${port}/`)
    // OpenSSL's server hangs up on what is not TLS, with an alert or without a word.
    expect(answer.failure).toMatch(/the port speaks TLS|closed early|connection reset/)
  })

  test('a server that hangs up, or does nothing, during the handshake', async () => {
    const rude = await listen(createTcpServer(socket => socket.end()))
    const mute = await listen(createTcpServer(() => {}))
    const client = openClient()
    const closed = await ask(client, `https://127.0.0.1:${rude}/`)
    expect(closed.failure).toBe('tls: connection closed during handshake')
    const silent = await ask(client, `https://127.0.0.1:${mute}/`, { timeoutUs: 30_000 })
    expect(silent.failure).toBe('tls handshake timeout')
  })

  test.each([
    ['a CA that is no PEM', { ca: 'hello' }, /tls\.ca holds no/],
    ['a certificate without key', { cert: clientPair.cert }, /key/],
    ['a key without certificate', { key: clientPair.key }, /cert/],
    ['a key of another certificate', { cert: clientPair.cert, key: server.key }, /belong together/],
  ])("%s is the user's mistake, told before any load", (_, settings, message) => {
    const open = () => openClient({ tls: { ...noTls, ...settings } })
    expect(open).toThrow(UsageError)
    expect(open).toThrow(message)
  })
})

describe('through a proxy', () => {
  test('an http exchange goes in absolute form, over a connection that is kept', async () => {
    const target = await serverSaying(okWith('target'))
    const proxy = await proxyServer()
    const client = openClient({ proxy: proxy.url.replace('//', '//user:p%40ss@') })
    const first = await ask(client, `${target.url}a?b=c`)
    const second = await ask(client, `${target.url}d`)
    expect([first, second].map(textOf)).toEqual(['target', 'target'])
    expect(second.connectionReused).toBe(true)
    expect(proxy.seen).toEqual([`GET ${target.url}a?b=c`, `GET ${target.url}d`])
    const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
    expect(proxy.authorizations).toEqual([basic, basic])
    expect(target.requests[0]?.text).not.toContain('proxy-authorization')
  })

  test('an https exchange goes through a tunnel, and is checked end to end', async () => {
    const port = await tlsPort(server)
    const proxy = await proxyServer()
    const client = openClient({ tls: trusting, proxy: proxy.url })
    const first = await ask(client, `https://localhost:${port}/`)
    const second = await ask(client, `https://localhost:${port}/`)
    expect([first, second].map(textOf)).toEqual(['localhost none', 'localhost none'])
    expect(first.tlsUs).toBeGreaterThan(0)
    expect(second.connectionReused).toBe(true)
    expect(proxy.seen).toEqual([`CONNECT localhost:${port}`])
    const untrusting = await ask(openClient({ proxy: proxy.url }), `https://localhost:${port}/`)
    expect(untrusting.failure).toBe('tls: certificate from an unknown authority')
  })

  test('closing the client closes the tunnel down to the target', async () => {
    const noticed = Promise.withResolvers<void>()
    const secure = createHttpsServer(server, (request, response) => {
      request.socket.on('close', () => noticed.resolve())
      response.end('hi')
    })
    const port = await listen(secure)
    const proxy = await proxyServer()
    const client = openClient({ tls: trusting, proxy: proxy.url })
    expect((await ask(client, `https://localhost:${port}/`)).failure).toBeUndefined()
    client.close()
    await noticed.promise
  })

  test('large answers come through the tunnel whole', async () => {
    const large = Buffer.alloc(1_000_000, 'abc')
    const secure = createHttpsServer(server, (_, response) => response.end(large))
    const port = await listen(secure)
    const proxy = await proxyServer()
    const client = openClient({ tls: trusting, proxy: `127.0.0.1:${proxy.port}` })
    const answer = await ask(client, `https://localhost:${port}/`)
    expect(Buffer.compare(Buffer.from(answer.rawBody), large)).toBe(0)
  })

  test.each([
    ['refuses', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'proxy: status 407'],
    ['talks nonsense', 'hello\r\n\r\n', 'proxy: invalid answer'],
    ['sends more than its head', 'HTTP/1.1 200 OK\r\n\r\nmore', 'proxy: invalid answer'],
    ['never ends its head', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`, 'proxy: invalid answer'],
    ['hangs up', '', 'proxy: closed early'],
  ])('a proxy that %s', async (_, refuseWith, failure) => {
    const proxy = await proxyServer({ refuseWith })
    const answer = await ask(openClient({ proxy: proxy.url }), 'https://localhost:1/')
    expect(answer.failure).toBe(failure)
  })

  test('a proxy that is not there, or does not answer', async () => {
    const mute = await listen(createTcpServer(() => {}))
    const gone = await ask(openClient({ proxy: 'http://127.0.0.1:1' }), 'http://localhost:1/')
    expect(gone.failure).toBe('proxy: connection refused')
    const silent = await ask(
      openClient({ proxy: `http://127.0.0.1:${mute}` }),
      'https://localhost:1/',
      { timeoutUs: 30_000 },
    )
    expect(silent.failure).toBe('connect timeout')
  })

  test('a proxy that is no URL is a mistake of the user, told without its password', () => {
    const open = () => openClient({ proxy: 'ftp://user:secret@host' })
    expect(open).toThrow(UsageError)
    expect(open).toThrow(/^(?!.*secret).*the proxy is not/)
  })
})

test('a name with several addresses: the next one is tried when one refuses', async () => {
  // localhost is ::1 and 127.0.0.1 on many machines; the server listens on the second only.
  const server = await rawServer(({ socket }) => socket.write(okWith('hi')))
  const client = openClient({ keepAlive: false })
  for (let i = 0; i < 3; i++) {
    expect((await ask(client, `http://localhost:${server.port}/`)).failure).toBeUndefined()
  }
})
