import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { ProxyCertificate } from '../contract.ts'
import { serviceOf } from '../spiffe.ts'
import type { ListenerStats } from '../stats/listener-stats.ts'

/** The first byte of a TLS connection: a record that carries a handshake. No HTTP begins so. */
const handshakeByte = 0x16

/**
 * Takes plain and TLS connections on one port (Istio's PERMISSIVE mode). Whoever comes with TLS
 * must show a certificate of the shop's authority that names a service.
 */
export class TlsEntry {
  readonly #server: Server
  readonly #stats: ListenerStats
  readonly #serveHttp: (socket: Socket) => void
  readonly #callers = new WeakMap<object, string>()

  constructor(options: {
    readonly certificate: ProxyCertificate
    readonly stats: ListenerStats
    readonly serveHttp: (socket: Socket) => void
  }) {
    const { certificate, stats } = options
    this.#stats = stats
    this.#serveHttp = options.serveHttp
    // Certificates are looked at below, where what is wrong with them can be counted.
    this.#server = createServer({
      cert: certificate.certificatePem,
      key: certificate.keyPem,
      ca: certificate.authorityPem,
      requestCert: true,
      rejectUnauthorized: false,
    })
    this.#server.on('secureConnection', socket => this.#onSecure(socket))
    this.#server.on('tlsClientError', (_error, socket) => {
      stats.listener.ssl_connection_error += 1
      socket.destroy()
    })
  }

  /** The service in the certificate at the other end. */
  callerOf(socket: Socket): string | undefined {
    return this.#callers.get(socket)
  }

  /** Waits for the first byte and hands the connection to whom it belongs. */
  sniff(socket: Socket): void {
    const onEarlyError = () => socket.destroy()
    socket.once('error', onEarlyError)
    socket.once('data', (chunk: Buffer) => {
      // Who takes over must find the bytes unread, and must be there when they flow again.
      socket.pause()
      socket.unshift(chunk)
      socket.off('error', onEarlyError)
      if (chunk[0] === handshakeByte) {
        this.#server.emit('connection', socket)
      } else {
        this.#serveHttp(socket)
        process.nextTick(() => socket.resume())
      }
    })
  }

  #onSecure(socket: TLSSocket): void {
    const { listener, http } = this.#stats
    const caller = serviceOf(socket.getPeerX509Certificate()?.subjectAltName)
    if (!socket.authorized || caller === undefined) {
      const isBare = socket.getPeerX509Certificate() === undefined
      if (isBare) listener.ssl_fail_verify_no_cert += 1
      else listener.ssl_fail_verify_error += 1
      socket.destroy()
      return
    }
    listener.ssl_handshake += 1
    if (socket.isSessionReused()) listener.ssl_session_reused += 1
    http.downstream_cx_ssl_total += 1
    this.#stats.cxSslActive += 1
    socket.once('close', () => (this.#stats.cxSslActive -= 1))
    this.#callers.set(socket, caller)
    this.#serveHttp(socket)
  }
}
