import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Database, Query, Statements } from '../data/database.ts'
import { produce } from '../telemetry/messages.ts'
import { noSpan, type TraceSpan } from '../telemetry/tracing.ts'
import { isObject, type JsonObject } from './input.ts'
import type { PeerAnswer, Peers } from '../calls/peers.ts'
import { Problem } from './problem.ts'

export interface Answer {
  readonly status: number
  /** Sent as JSON; a Buffer is sent as it is, with the content-type given in headers. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Headers that go along with every call a request causes in other services. */
const passedOn = [
  'traceparent',
  'tracestate',
  'baggage',
  'x-request-id',
  'x-correlation-id',
  'x-request-source',
  'x-user-segment',
  'x-user-id',
]

/** One request: what came in, and the database and services its handler may use. */
export class ShopRequest {
  readonly method: string
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly search: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** Time spent in parts of the answer, for server-timing. */
  readonly timingsMs = new Map<string, number>()
  /** The request's own step in its trace; what it causes is started below it. */
  readonly span: TraceSpan
  readonly #incoming: IncomingMessage
  readonly #database: Statements
  readonly #peers: Peers
  readonly #bodyBytesMax: number
  readonly #callsInTurn: boolean
  #lastCall: Promise<unknown> = Promise.resolve()

  constructor(options: {
    readonly incoming: IncomingMessage
    readonly path: string
    readonly search: string
    readonly params: Readonly<Record<string, string>>
    readonly database: Database
    readonly peers: Peers
    readonly bodyBytesMax: number
    /** Calls of this request wait for each other, also those begun together. @default false */
    readonly callsInTurn?: boolean | undefined
    readonly span?: TraceSpan
  }) {
    const { incoming } = options
    this.method = incoming.method ?? 'GET'
    this.path = options.path
    this.params = options.params
    this.search = new URLSearchParams(options.search)
    this.headers = incoming.headers
    this.#incoming = incoming
    this.span = options.span ?? noSpan
    this.#database = options.database.below(this.span)
    this.#peers = options.peers
    this.#bodyBytesMax = options.bodyBytesMax
    this.#callsInTurn = options.callsInTurn ?? false
  }

  /** Who is signed in, as the gateway verified it; undefined for a guest. */
  get userId(): string | undefined {
    const value = this.headers['x-user-id']
    return typeof value === 'string' ? value : undefined
  }

  param(name: string): string {
    return this.params[name] ?? ''
  }

  /** The body as it came; 413 beyond the service's limit. To be called once. */
  async bytes(): Promise<Buffer> {
    return readBody(this.#incoming, this.#bodyBytesMax)
  }

  /**
   * The body as a JSON object, {} when nothing was sent; 400 for anything else, 415 when it is
   * declared as another type.
   */
  async json(): Promise<JsonObject> {
    const bytes = await this.bytes()
    const type = this.headers['content-type'] ?? ''
    if (bytes.length === 0 && type === '') return {}
    if (!/^application\/([\w.+-]+\+)?json\b/i.test(type)) {
      const seen = type === '' ? 'and content-type must say so' : `not ${type}`
      throw new Problem(415, `the body must be application/json, ${seen}`)
    }
    const value = parseJson(bytes.toString())
    if (!isObject(value)) throw new Problem(400, 'the body must be a JSON object')
    return value
  }

  readonly query: Query = (sql, values) => this.#timed('db', this.#database.query(sql, values))

  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#timed('db', this.#database.transaction(work))
  }

  /** Calls another service; an answer from 400 on is thrown as the Problem the caller gets. */
  async call(options: {
    readonly peer: string
    readonly method: 'GET' | 'POST' | 'DELETE'
    readonly path: string
    readonly body?: JsonObject
    readonly timeoutMs?: number
  }): Promise<PeerAnswer> {
    const { peer, method, path, body, timeoutMs } = options
    const headers = this.forwardedHeaders()
    if (body !== undefined) headers['content-type'] = 'application/json'
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const answer = await this.send({ peer, method, path, headers, body: bytes, timeoutMs })
    return accepted(peer, answer)
  }

  /** Calls another service and returns whatever it answers. */
  send(call: Parameters<Peers['send']>[0]): Promise<PeerAnswer> {
    const parent = call.parent ?? this.span
    const part = `to-${call.peer}`
    if (!this.#callsInTurn) return this.#timed(part, this.#peers.send({ ...call, parent }))
    const turn = this.#lastCall.then(() => {
      return this.#timed(part, this.#peers.send({ ...call, parent }))
    })
    this.#lastCall = turn.catch(() => undefined)
    return turn
  }

  /**
   * Puts a message into a queue. `work` does it, and keeps the headers it gets with the message,
   * so that the trace goes on where the message is taken.
   */
  produce<T>(
    destination: string,
    work: (headers: Record<string, string>) => Promise<T>,
  ): Promise<T> {
    return produce(this.span, { destination, headers: this.forwardedHeaders() }, work)
  }

  /** Trace context, request ids and the signed-in user, for calls to other services. */
  forwardedHeaders(): Record<string, string> {
    const headers: Record<string, string> = {}
    for (const name of passedOn) {
      const value = this.headers[name]
      if (typeof value === 'string') headers[name] = value
    }
    return headers
  }

  async #timed<T>(part: string, work: Promise<T>): Promise<T> {
    const startedMs = performance.now()
    try {
      return await work
    } finally {
      const sumMs = (this.timingsMs.get(part) ?? 0) + performance.now() - startedMs
      this.timingsMs.set(part, sumMs)
    }
  }
}

/** A peer's refusal of the caller's input is passed on; its own failure is a bad gateway. */
function accepted(peer: string, answer: PeerAnswer): PeerAnswer {
  if (answer.status < 400) return answer
  const detail = detailOf(answer) ?? `${peer} answered ${answer.status}`
  if (answer.status < 500) throw new Problem(answer.status, detail)
  const status = answer.status === 503 || answer.status === 504 ? answer.status : 502
  throw new Problem(status, `${peer}: ${detail}`)
}

function detailOf(answer: PeerAnswer): string | undefined {
  if (!answer.headers['content-type']?.includes('json')) return undefined
  const body = parseJson(answer.body.toString())
  return isObject(body) && typeof body['detail'] === 'string' ? body['detail'] : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new Problem(400, `not JSON: ${cause.message}`)
    throw cause
  }
}

/**
 * Reads a body up to `bytesMax`. A body beyond it is read and thrown away up to four times the
 * limit, so that an honest client gets to see the 413 instead of a broken connection.
 */
async function readBody(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length
      if (bytes <= bytesMax) chunks.push(chunk as Buffer)
      if (bytes > bytesMax * 4) break
    }
  } catch (cause) {
    throw new Problem(400, `the body ended early: ${String(cause)}`)
  }
  if (bytes <= bytesMax) return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  throw new Problem(413, `the body is larger than ${bytesMax} bytes`, { connection: 'close' })
}
