import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { clockFromNow } from '../../base/index.ts'
import {
  createHttp1Client,
  parseUrl,
  type Answer,
  type ClientOptions,
  type ExchangeClient,
  type ExchangeRequest,
} from '../index.ts'

export const noTls = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  serverName: undefined,
  insecure: false,
} as const

/** A client on the real clock that is closed when the test ends. */
export function openClient(options: Partial<ClientOptions> = {}): ExchangeClient {
  const client = createHttp1Client({
    ...{ clock: clockFromNow(), tls: noTls, proxy: undefined },
    ...{ keepAlive: true, maxConnectionsPerOrigin: 6 },
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}

export interface Asked extends Partial<Omit<ExchangeRequest, 'origin' | 'head'>> {
  readonly socketPath?: string
  /** Header lines beside host and the body's length. */
  readonly headers?: readonly string[]
}

/** A request with the headers that its body needs. */
export function requestFor(url: string, asked: Asked = {}): ExchangeRequest {
  const { origin, path } = parseUrl(url, asked.socketPath)
  const { method = 'GET', body, chunked = false } = asked
  const isMemory = typeof body === 'string' || body instanceof Uint8Array
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    ...(isMemory ? [`content-length: ${Buffer.byteLength(body)}`] : []),
    ...(chunked ? ['transfer-encoding: chunked'] : []),
    ...(asked.headers ?? []),
  ]
  return {
    ...{ origin, method, body, chunked, head: `${lines.join('\r\n')}\r\n\r\n` },
    timeoutUs: asked.timeoutUs ?? 10_000_000,
    maxBodyBytes: asked.maxBodyBytes ?? 10_000_000,
  }
}

export function ask(client: ExchangeClient, url: string, asked: Asked = {}): Promise<Answer> {
  return new Promise(resolve => client.exchange(requestFor(url, asked), resolve))
}

export const textOf = (answer: Answer) => Buffer.from(answer.body()).toString('utf8')

/** A listening server's port on loopback; it is closed with its connections when the test ends. */
export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Clients break connections on purpose here.
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, host)
  await once(server, 'listening')
  onTestFinished(
    () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  )
  return (server.address() as AddressInfo).port
}

export interface RawRequest {
  readonly socket: Socket
  /** Head and what came with it, Latin-1. */
  readonly text: string
  /** Counted over the connection, 0-based. */
  readonly index: number
  /** Counted over the server, 0-based. */
  readonly connection: number
}

export interface RawServer {
  readonly url: string
  readonly port: number
  /** Connections accepted so far. */
  connections(): number
  /** Requests seen so far. */
  readonly requests: RawRequest[]
}

/** A server that does whatever `answer` does with the socket, once per request head. */
export async function rawServer(answer: (request: RawRequest) => void): Promise<RawServer> {
  let connections = 0
  const requests: RawRequest[] = []
  const server = createServer({ noDelay: true }, socket => {
    const connection = connections++
    let index = 0
    let text = ''
    socket.on('data', bytes => {
      text += bytes.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      const request = { socket, text, index: index++, connection }
      text = ''
      requests.push(request)
      answer(request)
    })
  })
  const port = await listen(server)
  return { url: `http://127.0.0.1:${port}/`, port, requests, connections: () => connections }
}

/** Answers every request with these bytes. */
export function serverSaying(text: string | Buffer): Promise<RawServer> {
  return rawServer(({ socket }) => {
    socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  })
}

export const okWith = (body: string) =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
