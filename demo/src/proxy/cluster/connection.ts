import { Agent, request as httpRequest, type ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Connecting } from './transport.ts'

/** Envoy's limit of a head (max_request_headers_kb, 60 KiB), for requests and answers. */
export const headBytesMax = 60 * 1024
/** Envoy's idle_timeout of upstream connections; an earlier end that the peer announces counts. */
const idleMs = 3_600_000

export interface ConnectionOptions {
  readonly connecting: Connecting
  readonly connectTimeoutMs: number
  readonly onConnected: () => void
  /** It never came to be. */
  readonly onFailed: (error: Error) => void
  /** Its request is done; the answer says whether it is to be kept. */
  readonly mayKeep: () => boolean
  /** It is kept and free. */
  readonly onFree: () => void
  readonly onClosed: () => void
}

/** It took longer than connectTimeoutMs. */
export class ConnectTimeoutError extends Error {}

/** One connection to an endpoint: it carries one request at a time. */
export class Connection {
  requests = 0
  readonly startedMs = performance.now()
  /** Closed by us, not by the peer. */
  closedHere = false
  readonly #connecting: Connecting
  readonly #agent: OneSocketAgent

  constructor(options: ConnectionOptions) {
    const { connecting, connectTimeoutMs } = options
    this.#connecting = connecting
    this.#agent = new OneSocketAgent(connecting, options)
    const { socket, connectedEvent } = connecting
    let connected = false
    let failure: Error | undefined
    const timer = setTimeout(
      () => socket.destroy(new ConnectTimeoutError(`no connection in ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    )
    // After the connection stands, errors are the request's; 'close' follows in any case.
    socket.on('error', error => (failure ??= error))
    socket.once(connectedEvent, () => {
      connected = true
      clearTimeout(timer)
      options.onConnected()
    })
    socket.once('close', () => {
      clearTimeout(timer)
      if (connected) options.onClosed()
      else options.onFailed(failure ?? new Error('the connection was closed'))
    })
  }

  get usable(): boolean {
    const { socket } = this.#connecting
    return !socket.destroyed && socket.writable
  }

  get isTls(): boolean {
    return this.#connecting.connectedEvent === 'secureConnect'
  }

  get sessionReused(): boolean {
    return this.#connecting.sessionReused()
  }

  get bytesRead(): number {
    return this.#connecting.socket.bytesRead
  }

  get bytesWritten(): number {
    return this.#connecting.socket.bytesWritten
  }

  /** Begins a request; to be called when the connection is free only. */
  request(head: RequestHead): ClientRequest {
    this.requests += 1
    return httpRequest({
      agent: this.#agent,
      method: head.method,
      path: head.path,
      headers: head.headers,
      maxHeaderSize: headBytesMax,
    })
  }

  close(): void {
    this.closedHere = true
    this.#connecting.socket.destroy()
  }
}

export interface RequestHead {
  readonly method: string
  readonly path: string
  /** Name, value, name, value; sent as they are. */
  readonly headers: string[]
}

/** Node's agent with exactly one socket, which is made elsewhere. */
class OneSocketAgent extends Agent {
  readonly #connecting: Connecting
  readonly #options: ConnectionOptions

  constructor(connecting: Connecting, options: ConnectionOptions) {
    super({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1, timeout: idleMs })
    this.#connecting = connecting
    this.#options = options
  }

  override createConnection(): Duplex {
    return this.#connecting.socket
  }

  override keepSocketAlive(socket: Duplex): boolean {
    // The declared type has no result, the documented one says whether the socket is kept.
    const keep = super.keepSocketAlive(socket) as unknown as boolean
    if (!keep || !this.#options.mayKeep()) return false
    // Node puts the socket among the free ones right after this.
    queueMicrotask(this.#options.onFree)
    return true
  }
}
