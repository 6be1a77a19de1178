import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Origin, TlsSettings } from '../exchange.ts'
import { codeOf, failureOf, refusedByGuard, type Stage } from './failure.ts'
import { openTunnel, type Proxy } from './proxy.ts'
import { secureContextFor } from './tls-context.ts'
import { readBuffer } from './read-buffer.ts'
import type { ThreadNetwork } from './thread-network.ts'

/** How long opening a connection took, µs; 0 for a step that was not needed. */
export interface OpeningTimes {
  readonly dnsUs: number
  readonly connectUs: number
  readonly tlsUs: number
}

export interface DialListener {
  /** The connection stands; the socket has no listeners left but the one for bytes. */
  dialed(socket: Socket): void
  dialFailed(failure: string): void
  /** Bytes of the answer, valid only during the call: `bytes[0..length)`. */
  received(bytes: Buffer, length: number): void
}

export interface DialOptions {
  readonly network: ThreadNetwork
  readonly origin: Origin
  readonly tls: TlsSettings
  readonly proxy: Proxy | undefined
  /** As in ClientOptions. */
  readonly mayConnect: (host: string, address: string) => boolean
  readonly onRefused: (host: string) => void
  readonly listener: DialListener
}

/** An address that fails so says nothing about the name's other addresses. */
const tryNext = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EINVAL'])

/**
 * Opens one connection: name -> address -> TCP -> (proxy tunnel) -> TLS, timing each step.
 * Ends with exactly one of `dialed` and `dialFailed`, unless cancelled; never inside `start`.
 */
export class Dial implements OpeningTimes {
  dnsUs = 0
  connectUs = 0
  tlsUs = 0
  readonly #options: DialOptions
  /** End point of the first hop: the proxy, if there is one. */
  readonly #hop: Origin
  #socket: Socket | undefined
  #stage: Stage = 'connecting'
  #stepStartedAtUs = 0
  #addresses: readonly string[] = []
  #addressIndex = 0
  #ended = false
  readonly #onError = (error: Error) => this.#fail(error)
  readonly #onClosed = () => this.#end(this.#closedText())

  constructor(options: DialOptions) {
    this.#options = options
    this.#hop = options.proxy === undefined ? options.origin : options.proxy.origin
  }

  get stage(): Stage {
    return this.#stage
  }

  start(): void {
    this.#stepStartedAtUs = this.#nowUs()
    if (this.#hop.socketPath !== undefined) this.#openSocket()
    else if (this.#options.proxy === undefined) this.#resolveHop()
    else this.#judgeProxied()
  }

  /** Gives up without a word. */
  cancel(): void {
    this.#ended = true
    this.#socket?.destroy()
  }

  #resolveHop(): void {
    this.#options.network.names.resolve(this.#hop.host, (error, addresses) => {
      if (this.#ended) return
      if (isIP(this.#hop.host) === 0) this.dnsUs += this.#step()
      if (error !== undefined) return this.#fail(error)
      // The proxy's own address is the user's choice.
      if (this.#options.proxy === undefined && !this.#mayReach(addresses)) return this.#refuse()
      this.#addresses = addresses
      this.#openSocket()
    })
  }

  /** The proxy will resolve the target's name: nobody can ask about its address later. */
  #judgeProxied(): void {
    const { network, origin, mayConnect } = this.#options
    if (mayConnect(origin.host, '')) return this.#resolveHop()
    network.names.resolve(origin.host, (error, addresses) => {
      if (this.#ended) return
      if (isIP(origin.host) === 0) this.dnsUs += this.#step()
      if (error !== undefined || !this.#mayReach(addresses)) return this.#refuse()
      this.#resolveHop()
    })
  }

  /** All of them, as the order changes from one connection to the next. */
  #mayReach(addresses: readonly string[]): boolean {
    const { origin, mayConnect } = this.#options
    return addresses.every(address => mayConnect(origin.host, address))
  }

  #refuse(): void {
    const { origin, onRefused } = this.#options
    onRefused(origin.host)
    // An address is judged inside `start`.
    setImmediate(() => this.#end(refusedByGuard))
  }

  #openSocket(): void {
    this.#stage = 'connecting'
    const { origin, tls, proxy } = this.#options
    const endPoint =
      this.#hop.socketPath === undefined
        ? { host: this.#addresses[this.#addressIndex] ?? '', port: this.#hop.port }
        : { path: this.#hop.socketPath }
    const tunnel = proxy !== undefined && origin.scheme === 'https'
    // A tunnel's socket is handed on to TLS, which does the reading.
    const onread = tunnel ? {} : { onread: this.#onread() }
    const socket =
      this.#hop.scheme === 'https'
        ? connectTls({ ...tlsOptions(tls, this.#hop.host), ...endPoint, ...onread })
        : connectTcp({ ...endPoint, ...onread })
    socket.setNoDelay(true)
    this.#watch(socket)
    socket.once('connect', () => this.#connected())
    if (this.#hop.scheme === 'https') socket.once('secureConnect', () => this.#secured())
  }

  #connected(): void {
    if (this.#ended) return
    this.connectUs += this.#step()
    if (this.#addressIndex > 0) {
      this.#options.network.names.prefer(this.#hop.host, this.#addresses[this.#addressIndex] ?? '')
    }
    if (this.#hop.scheme === 'https') this.#stage = 'tls'
    else this.#firstHopOpen()
  }

  #secured(): void {
    if (this.#ended) return
    this.tlsUs += this.#step()
    this.#firstHopOpen()
  }

  /** A tunnel's time counts as connecting: it is what it takes to reach the target. */
  #firstHopOpen(): void {
    const { origin, proxy } = this.#options
    if (proxy === undefined || origin.scheme === 'http') return this.#dialed()
    const socket = this.#openedSocket()
    this.#stage = 'connecting'
    const done = (failure: string | undefined) => {
      if (this.#ended) return
      if (failure !== undefined) return this.#end(failure)
      this.connectUs += this.#step()
      this.#secureTunnel(socket)
    }
    openTunnel({ socket, origin, proxy, done })
  }

  #secureTunnel(socket: Socket): void {
    this.#stage = 'tls'
    const { tls, origin, listener } = this.#options
    this.#unwatch(socket)
    const secure = connectTls({ socket, ...tlsOptions(tls, origin.host) })
    // Without a listener an error of the socket below would throw.
    socket.on('error', error => secure.destroy(error))
    secure.on('data', (bytes: Buffer) => listener.received(bytes, bytes.length))
    this.#watch(secure)
    secure.once('secureConnect', () => {
      if (this.#ended) return
      this.tlsUs += this.#step()
      this.#dialed()
    })
  }

  #dialed(): void {
    this.#ended = true
    const socket = this.#openedSocket()
    this.#unwatch(socket)
    this.#options.listener.dialed(socket)
  }

  #watch(socket: Socket): void {
    this.#socket = socket
    // A server that closes during the handshake may do so without an error.
    socket.on('error', this.#onError).on('end', this.#onClosed).on('close', this.#onClosed)
  }

  #unwatch(socket: Socket): void {
    socket.off('error', this.#onError).off('end', this.#onClosed).off('close', this.#onClosed)
  }

  #closedText(): string {
    if (this.#stage === 'tls') return 'tls: connection closed during handshake'
    return this.#options.proxy === undefined ? 'closed early' : 'proxy: closed early'
  }

  #fail(error: Error): void {
    if (this.#ended) return
    const isLast = this.#addressIndex + 1 >= this.#addresses.length
    if (this.#stage === 'connecting' && !isLast && tryNext.has(codeOf(error))) {
      this.#addressIndex++
      if (this.#socket !== undefined) {
        this.#unwatch(this.#socket)
        // Destroying may still report an error of its own.
        this.#socket.on('error', ignore).destroy()
      }
      return this.#openSocket()
    }
    const failure = failureOf(error, this.#stage)
    const atProxy = this.#options.proxy !== undefined && this.#stage === 'connecting'
    this.#end(atProxy ? `proxy: ${failure}` : failure)
  }

  #end(failure: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#socket?.destroy()
    this.#options.listener.dialFailed(failure)
  }

  #openedSocket(): Socket {
    return this.#socket as Socket
  }

  #onread(): OnReadOpts {
    const { listener } = this.#options
    return {
      buffer: readBuffer,
      callback: length => {
        listener.received(readBuffer, length)
        return true
      },
    }
  }

  #nowUs(): number {
    return this.#options.network.clock.nowUs()
  }

  /** µs since the last step ended. */
  #step(): number {
    const nowUs = this.#nowUs()
    const tookUs = nowUs - this.#stepStartedAtUs
    this.#stepStartedAtUs = nowUs
    return tookUs
  }
}

/** The socket was given up: what it still has to say is about an attempt that no longer counts. */
function ignore(): void {}

function tlsOptions(tls: TlsSettings, host: string) {
  const servername = tls.serverName ?? host
  return {
    // Named in the certificate check when there is no server name.
    host,
    secureContext: secureContextFor(tls),
    rejectUnauthorized: !tls.insecure,
    ALPNProtocols: ['http/1.1'],
    // RFC 6066: no addresses in SNI. Node then checks the certificate against the address itself.
    ...(isIP(servername) === 0 ? { servername } : {}),
  }
}
