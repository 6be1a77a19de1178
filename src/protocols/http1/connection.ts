import type { Socket } from 'node:net'
import { messageOf } from '../../base/index.ts'
import type { Answer, ExchangeRequest, TlsSettings } from '../exchange.ts'
import type { Timed } from '../network/deadlines.ts'
import { Dial, type DialListener, type OpeningTimes } from '../network/dial.ts'
import { failureOf } from '../network/failure.ts'
import { headForProxy, type Proxy } from '../network/proxy.ts'
import type { ThreadNetwork } from '../network/thread-network.ts'
import { AnswerReader, readState, type ReadState } from './answer-reader.ts'
import { Http1Answer, type ExchangeParts } from './answer.ts'
import { isStream, Upload, writeRequest, type UploadListener } from './request-writer.ts'

/** Fixed for a client; every connection of it points here. */
export interface ConnectionSettings {
  readonly network: ThreadNetwork
  readonly tls: TlsSettings
  readonly proxy: Proxy | undefined
  readonly keepAlive: boolean
  readonly maxHeadBytes: number
  readonly mayConnect: (host: string, address: string) => boolean
  readonly onRefused: (host: string) => void
}

/** An exchange on its way to a connection. */
export interface PendingExchange {
  readonly request: ExchangeRequest
  readonly done: (answer: Answer) => void
  readonly startedAtUs: number
  /** What an attempt before this one has cost; 0 for the first. */
  readonly retries: number
  readonly bytesOut: number
}

/** The pool that a connection belongs to. It hears of the end before the exchange's `done`. */
export interface ConnectionOwner {
  readonly settings: ConnectionSettings
  /** The exchange is over and the connection can take another. */
  freed(connection: Connection): void
  /** The connection is gone. */
  lost(connection: Connection): void
  /** The reused connection was dead already: do the exchange on a fresh one. */
  again(exchange: PendingExchange): void
}

const phase = { dialing: 0, idle: 1, busy: 2, closed: 3 } as const
type Phase = (typeof phase)[keyof typeof phase]

/** Methods that may be sent twice (RFC 9110 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/**
 * One connection and the exchange on it. The exchange's state lives here, not in an object of its
 * own: a connection carries one exchange at a time and is reused for many.
 *
 *   dialing --> busy --> idle --> busy ... --> closed
 */
export class Connection implements Timed, DialListener, UploadListener, ExchangeParts {
  failure: string | undefined = undefined
  startedAtUs = 0
  sentAtUs = 0
  firstByteAtUs = 0
  endedAtUs = 0
  deadlineUs = 0
  deadlineIndex = -1
  bytesIn = 0
  bytesOut = 0
  retries = 0
  maxBodyBytes = 0
  isReused = false
  opening: OpeningTimes | undefined = undefined
  readonly #owner: ConnectionOwner
  readonly #reader = new AnswerReader()
  #phase: Phase = phase.dialing
  #request: ExchangeRequest | undefined = undefined
  #done: ((answer: Answer) => void) | undefined = undefined
  #dial: Dial | undefined = undefined
  #socket: Socket | undefined = undefined
  #upload: Upload | undefined = undefined
  /** After this the server may close it at any moment; µs. */
  #goodUntilUs = Infinity

  constructor(owner: ConnectionOwner) {
    this.#owner = owner
  }

  /** Opens the connection and does its first exchange. */
  open(exchange: PendingExchange): void {
    this.#take(exchange.request, exchange.done, exchange.startedAtUs)
    this.retries = exchange.retries
    this.bytesOut = exchange.bytesOut
    const { network, tls, proxy, mayConnect, onRefused } = this.#owner.settings
    const { origin } = exchange.request
    const guard = { mayConnect, onRefused }
    this.#dial = new Dial({ network, origin, tls, proxy, ...guard, listener: this })
    this.opening = this.#dial
    this.#dial.start()
  }

  /**
   * Does an exchange on the idle connection. `startedAtUs` is when it was asked for, `nowUs` is
   * now: they differ when it had to wait. Four arguments, since this runs for every exchange.
   */
  reuse(
    request: ExchangeRequest,
    done: (answer: Answer) => void,
    startedAtUs: number,
    nowUs: number,
  ): void {
    this.#take(request, done, startedAtUs)
    this.retries = 0
    this.bytesOut = 0
    this.isReused = true
    this.sentAtUs = nowUs
    this.#phase = phase.busy
    this.#send(request)
  }

  /** An idle connection that the server has not closed, and has not said it would close by now. */
  isGood(nowUs: number): boolean {
    return nowUs < this.#goodUntilUs && this.#socket?.destroyed === false
  }

  /** Ends the connection; an exchange on it is done with this failure. */
  end(failure: string): void {
    if (this.#phase === phase.idle) this.#close()
    else if (this.#phase !== phase.closed) this.#finish(failure, this.#nowUs())
  }

  expire(nowUs: number): void {
    const stage = this.#phase === phase.dialing ? this.#dial?.stage : undefined
    if (stage === undefined) this.#finish('timeout', nowUs)
    else this.#finish(stage === 'tls' ? 'tls handshake timeout' : 'connect timeout', nowUs)
  }

  dialed(socket: Socket): void {
    this.#dial = undefined
    this.#socket = socket
    this.#phase = phase.busy
    socket
      .on('error', error => this.#broken(failureOf(error, 'open')))
      .on('end', () => this.#closedByServer())
      .on('close', () => this.#broken('connection reset'))
    this.sentAtUs = this.#nowUs()
    if (this.#request !== undefined) this.#send(this.#request)
  }

  dialFailed(failure: string): void {
    this.#finish(failure, this.#nowUs())
  }

  received(bytes: Buffer, length: number): void {
    if (this.#phase !== phase.busy) {
      // Nobody asked: whatever it is, it must not be taken for the next answer. (A second answer
      // that comes when the next request has gone out cannot be told from an answer to that.)
      if (this.#phase === phase.idle) this.#close()
      return
    }
    const nowUs = this.#nowUs()
    if (this.bytesIn === 0) this.firstByteAtUs = nowUs
    this.bytesIn += length
    this.#advance(this.#reader.read(bytes, length), nowUs)
  }

  uploaded(bytes: number): void {
    this.bytesOut += bytes
  }

  uploadEnded(): void {
    this.#upload = undefined
  }

  uploadFailed(error: unknown): void {
    this.#upload = undefined
    this.#finish(`request body failed: ${messageOf(error)}`, this.#nowUs())
  }

  #take(request: ExchangeRequest, done: (answer: Answer) => void, startedAtUs: number): void {
    this.#request = request
    this.#done = done
    this.startedAtUs = startedAtUs
    this.deadlineUs = startedAtUs + request.timeoutUs
    this.maxBodyBytes = request.maxBodyBytes
    this.bytesIn = 0
    this.#reader.begin(request.method, request.maxBodyBytes, this.#owner.settings.maxHeadBytes)
    this.#owner.settings.network.deadlines.add(this)
  }

  #send(request: ExchangeRequest): void {
    const socket = this.#socket as Socket
    const { proxy } = this.#owner.settings
    const { origin, body } = request
    const isProxied = proxy !== undefined && origin.scheme === 'http'
    const head = isProxied ? headForProxy(request.head, origin, proxy) : request.head
    if (!isStream(body)) {
      this.bytesOut += writeRequest(socket, head, body)
      return
    }
    const { chunked } = request
    this.#upload = new Upload({ socket, head, body, chunked, listener: this })
    this.#upload.start()
  }

  #advance(state: ReadState, nowUs: number): void {
    if (state === readState.complete) this.#finish(undefined, nowUs)
    else if (state === readState.failed) this.#finish(this.#reader.fault, nowUs)
  }

  #closedByServer(): void {
    if (this.#phase === phase.idle) return this.#close()
    if (this.#phase !== phase.busy || this.#retried()) return
    this.#advance(this.#reader.end(), this.#nowUs())
  }

  #broken(failure: string): void {
    if (this.#phase === phase.idle) return this.#close()
    if (this.#phase !== phase.busy || this.#retried()) return
    this.#finish(failure, this.#nowUs())
  }

  /**
   * A reused connection that ends before a byte came was most likely closed by the server while the
   * request was on its way: RFC 9112 9.3.1 lets us send it again if it may be sent twice.
   */
  #retried(): boolean {
    const request = this.#request
    const done = this.#done
    if (request === undefined || done === undefined) return false
    if (!this.isReused || this.bytesIn > 0 || this.retries > 0) return false
    if (!idempotent.has(request.method) || isStream(request.body)) return false
    const { startedAtUs, bytesOut } = this
    this.#release()
    this.#close()
    this.#owner.again({ request, done, startedAtUs, bytesOut, retries: 1 })
    return true
  }

  #finish(failure: string | undefined, nowUs: number): void {
    const done = this.#done
    if (done === undefined) return
    this.failure = failure
    this.endedAtUs = nowUs
    const answer = new Http1Answer(this, this.#reader)
    const isUploading = this.#upload !== undefined
    this.#release()
    if (failure === undefined && !isUploading && this.#canGoOn()) this.#rest(nowUs)
    else this.#close()
    done(answer)
  }

  /** A server that answers before it has the whole request may close, or read the rest as junk. */
  #canGoOn(): boolean {
    const { keepAlive } = this.#owner.settings
    return keepAlive && this.#reader.isPersistent && this.#socket?.writableLength === 0
  }

  /** Lets go of the exchange. */
  #release(): void {
    this.#owner.settings.network.deadlines.remove(this)
    this.#upload?.stop()
    this.#upload = undefined
    this.#request = undefined
    this.#done = undefined
  }

  #rest(nowUs: number): void {
    const { keepAliveSeconds } = this.#reader
    // The server's clock starts earlier than ours: stay clear of the last second.
    this.#goodUntilUs =
      keepAliveSeconds === 0
        ? Infinity
        : nowUs + Math.max(keepAliveSeconds - 1, keepAliveSeconds / 2) * 1e6
    this.opening = undefined
    this.#reader.forget()
    this.#phase = phase.idle
    this.#owner.freed(this)
  }

  #close(): void {
    this.#phase = phase.closed
    this.#dial?.cancel()
    this.#dial = undefined
    this.#socket?.destroy()
    this.#owner.lost(this)
  }

  #nowUs(): number {
    return this.#owner.settings.network.clock.nowUs()
  }
}
