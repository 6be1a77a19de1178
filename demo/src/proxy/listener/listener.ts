import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { headBytesMax } from '../cluster/connection.ts'
import type { ProxyCertificate } from '../contract.ts'
import { serverName } from '../exchange/heads.ts'
import type { ListenerStats } from '../stats/listener-stats.ts'
import { TlsEntry } from './tls-entry.ts'

export type Handle = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/**
 * One port of the proxy. With a certificate it takes HTTP and mutual TLS on that port, and knows
 * them apart by the first byte.
 */
export class Listener {
  readonly #server: Server
  readonly #stats: ListenerStats
  readonly #tls: TlsEntry | undefined
  readonly #sockets = new Set<Socket>()
  #onIdle: (() => void) | undefined

  constructor(options: {
    readonly stats: ListenerStats
    readonly handle: Handle
    readonly certificate?: ProxyCertificate | undefined
  }) {
    const { stats, handle, certificate } = options
    this.#stats = stats
    this.#server = createServer(
      // Longer than callers keep an idle connection, who are told: they end it first.
      { keepAliveTimeout: 65_000, maxHeaderSize: headBytesMax, noDelay: true },
      (incoming, outgoing) => this.#serve({ incoming, outgoing, handle }),
    )
    this.#server.on('clientError', (error, socket) => this.#onBadRequest(error, socket as Socket))
    // What Node does with a new connection; with TLS that comes after the handshake.
    const [speakHttp] = this.#server.listeners('connection') as [(socket: Socket) => void]
    const serveHttp = (socket: Socket) => speakHttp.call(this.#server, socket)
    if (certificate) this.#tls = new TlsEntry({ certificate, stats, serveHttp })
    this.#server.off('connection', speakHttp)
    this.#server.on('connection', socket => {
      this.#onConnection(socket)
      if (this.#tls) this.#tls.sniff(socket)
      else serveHttp(socket)
    })
  }

  /** Listens on 127.0.0.1; port 0 takes a free one. Returns the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', 4_096, resolve)
    })
    return (this.#server.address() as AddressInfo).port
  }

  /** Who called over mutual TLS; undefined for a plain connection. */
  callerOf(incoming: IncomingMessage): string | undefined {
    return this.#tls?.callerOf(incoming.socket)
  }

  /** Takes no new connections, lets open requests finish, at most `drainMs`, and closes all. */
  async stop(drainMs: number): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    if (this.#stats.rqActive > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, drainMs)
        this.#onIdle = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    // Answers that are complete but not sent go out; everything else has had its time.
    for (const socket of this.#sockets) socket.destroySoon()
    await closed
  }

  #onConnection(socket: Socket): void {
    const { http, listener } = this.#stats
    http.downstream_cx_total += 1
    listener.downstream_cx_total += 1
    this.#stats.cxActive += 1
    this.#sockets.add(socket)
    socket.once('close', () => {
      http.downstream_cx_destroy += 1
      this.#stats.cxActive -= 1
      this.#sockets.delete(socket)
    })
  }

  #serve(request: {
    readonly incoming: IncomingMessage
    readonly outgoing: ServerResponse
    readonly handle: Handle
  }): void {
    const { incoming, outgoing, handle } = request
    this.#stats.rqActive += 1
    this.#stats.http.downstream_rq_total += 1
    outgoing.once('close', () => {
      this.#stats.rqActive -= 1
      if (this.#stats.rqActive === 0) this.#onIdle?.()
    })
    handle(incoming, outgoing)
  }

  /** As Envoy: 431 for a head that is too large, 408 for one that does not come, else 400. */
  #onBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request'
    if (error.code?.startsWith('HPE_')) this.#stats.http.downstream_cx_protocol_error += 1
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') this.#stats.http.downstream_rq_timeout += 1
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const head = `HTTP/1.1 ${status}\r\nserver: ${serverName}\r\nconnection: close\r\n`
    socket.end(`${head}content-length: 0\r\n\r\n`)
  }
}
