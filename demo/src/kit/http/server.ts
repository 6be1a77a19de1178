import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Database } from '../data/database.ts'
import type { ServiceMetrics } from '../telemetry/metrics.ts'
import type { RequestLog } from '../telemetry/request-log.ts'
import { RequestTelemetry, type ServedRequest } from '../telemetry/served-request.ts'
import { noTracing, type Tracing } from '../telemetry/tracing.ts'
import type { Peers } from '../calls/peers.ts'
import { Burdens } from '../burdens/burdens.ts'
import { asProblem, Problem, problemDocument } from './problem.ts'
import { RateLimit } from './rate-limit.ts'
import { ShopRequest, type Answer } from './request.ts'
import { allowOf, Router } from './router.ts'
import type { Handler, ServiceRoutes } from '../service.ts'
import type { ServiceSettings } from '../settings.ts'
import { Turns } from '../turns.ts'

/** What a server needs before it can answer; it comes after the port is known. */
export interface Attached {
  /** Sent as x-upstream-version on every answer. */
  readonly version: string
  readonly routes: ServiceRoutes['routes']
  readonly database: Database
  readonly peers: Peers
  /** @default no traces */
  readonly tracing?: Tracing
  /** @default no log */
  readonly log?: RequestLog | undefined
}

/** One service's HTTP server: /health, /metrics and the service's own routes. */
export class ServiceServer {
  readonly #name: string
  readonly #settings: ServiceSettings
  readonly #metrics: ServiceMetrics
  readonly #telemetry: RequestTelemetry
  readonly #foreign: boolean
  readonly #turns: Turns
  readonly #server: Server
  readonly #log: (error: unknown) => void
  readonly #burdens: Burdens
  readonly #rateLimit: RateLimit
  readonly #startedMs = performance.now()
  #attached: Attached | undefined
  #router = new Router<Handler>([])
  #stopping = false

  constructor(options: {
    readonly name: string
    readonly settings: ServiceSettings
    readonly metrics: ServiceMetrics
    /** As ServiceDefinition says. */
    readonly foreign?: boolean | undefined
  }) {
    this.#foreign = options.foreign ?? false
    this.#name = options.name
    this.#settings = options.settings
    this.#turns = new Turns({ atOnceMax: () => this.#settings.requestsAtOnceMax })
    options.metrics.gauge({
      name: 'http_server_queued_requests',
      help: 'Requests that wait because so many are worked on',
      read: () => ({ queued: this.#turns.waiting }),
    })
    this.#metrics = options.metrics
    this.#telemetry = new RequestTelemetry(options.metrics, () => this.#settings.instrumented)
    this.#log = rateLimitedLog(options.name)
    this.#burdens = new Burdens(options.settings)
    const { settings, metrics } = options
    this.#rateLimit = new RateLimit({ settings, registry: metrics.registry })
    // Longer than the idle time of the callers' pools: the caller closes first, so no request
    // meets a connection that is just being closed.
    this.#server = createServer({ keepAliveTimeout: 65_000 }, (incoming, outgoing) => {
      void this.#serve(incoming, outgoing)
    })
  }

  /** Listens on 127.0.0.1; port 0 takes a free one. Returns the origin. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', 4_096, resolve)
    })
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** From now on requests are answered; before, everything but /metrics is 503. */
  attach(attached: Attached): void {
    const { tracing = noTracing, log } = attached
    this.#telemetry.attach({ tracing, log })
    this.#attached = attached
    this.#router = new Router(attached.routes)
  }

  /** Lets open requests finish, at most `drainMs`, and closes every connection. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#burdens.stop()
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => this.#server.closeAllConnections(), this.#settings.drainMs)
    await closed
    clearTimeout(timer)
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { path, search } = splitUrl(incoming.url ?? '/')
    // Who is asked first names the request; everybody behind uses that name.
    incoming.headers['x-request-id'] ||= randomUUID()
    const served = this.#telemetry.begin(incoming, path)
    const context: Served = { served, request: undefined }
    let answer: Answer
    try {
      answer = await this.#answer(incoming, { path, search, context })
    } catch (error) {
      if (!(error instanceof Problem)) this.#log(error)
      answer = problemAnswer(asProblem(error), path)
    }
    const tookMs = performance.now() - served.startedMs
    const { request } = context
    const requestId = String(incoming.headers['x-request-id'])
    this.#write(outgoing, { answer, tookMs, request, requestId })
    const { status } = answer
    const timingsMs = request?.timingsMs ?? noTimings
    this.#telemetry.end(served, { incoming, path, status, tookMs, timingsMs })
  }

  async #answer(
    incoming: IncomingMessage,
    at: { readonly path: string; readonly search: string; readonly context: Served },
  ): Promise<Answer> {
    const { path, search, context } = at
    const hasMetrics = !this.#foreign && this.#settings.instrumented
    if (path === '/metrics' && hasMetrics) {
      return readOnly(incoming, path) ?? this.#metricsPage()
    }
    const attached = this.#attached
    if (!attached || this.#stopping) {
      const state = this.#stopping ? 'stopping' : 'starting'
      throw new Problem(503, `${this.#name} is ${state}`, { connection: 'close' })
    }
    if (path === '/health' || path === '/healthz') {
      return readOnly(incoming, path) ?? this.#health()
    }
    const match = this.#router.find(incoming.method ?? 'GET', path)
    context.served.route = match.route.path
    this.#rateLimit.admit(incoming)
    this.#burdens.onRequest()
    const { database, peers } = attached
    const { bodyBytesMax, callsInTurn } = this.#settings
    const { params } = match
    const { span } = context.served
    context.request = new ShopRequest({
      ...{ incoming, path, search, params, database, peers, bodyBytesMax, callsInTurn, span },
    })
    const { request } = context
    return this.#turns.run(() => match.route.handle(request))
  }

  get #version(): string {
    const version = this.#attached?.version
    return version === undefined ? 'unknown' : version + this.#settings.versionSuffix
  }

  #health(): Answer {
    const uptimeS = Math.round((performance.now() - this.#startedMs) / 1000)
    return { status: 200, body: { status: 'ok', service: this.#name, uptime_s: uptimeS } }
  }

  async #metricsPage(): Promise<Answer> {
    const text = await this.#metrics.registry.metrics()
    const type = this.#metrics.registry.contentType
    return { status: 200, body: Buffer.from(text), headers: { 'content-type': type } }
  }

  #write(outgoing: ServerResponse, sent: Written): void {
    const { answer, tookMs, request, requestId } = sent
    const named = { 'x-upstream-version': this.#version, 'x-request-id': requestId }
    const body = Buffer.isBuffer(answer.body)
      ? answer.body
      : Buffer.from(answer.body === undefined ? '' : JSON.stringify(answer.body))
    outgoing.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      ...(this.#foreign ? {} : named),
      ...(this.#stopping ? { connection: 'close' } : {}),
      ...this.#burdens.headersFor(body),
      ...answer.headers,
      ...(this.#foreign
        ? {}
        : { 'server-timing': serverTiming(this.#name, tookMs, { answer, request }) }),
    })
    outgoing.end(body)
  }
}

/** The answer to OPTIONS; undefined for GET and HEAD. Throws 405 for all other methods. */
function readOnly({ method = 'GET' }: IncomingMessage, path: string): Answer | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined
  const allow = allowOf(['GET', 'OPTIONS'])
  if (method === 'OPTIONS') return { status: 204, headers: { allow } }
  throw new Problem(405, `${path} takes ${allow}, not ${method}`, { allow })
}

const noTimings: ReadonlyMap<string, number> = new Map()

interface Served {
  readonly served: ServedRequest
  request: ShopRequest | undefined
}

interface Written {
  readonly answer: Answer
  readonly tookMs: number
  readonly request: ShopRequest | undefined
  readonly requestId: string
}

/** Own time and its parts; what the answer says already (a gateway's upstream) comes after. */
function serverTiming(
  name: string,
  tookMs: number,
  from: { readonly answer: Answer; readonly request: ShopRequest | undefined },
): string {
  const parts = [...(from.request?.timingsMs ?? [])]
  const own = [[name, tookMs] as const, ...parts]
    .map(([part, ms]) => `${part};dur=${ms.toFixed(1)}`)
    .join(', ')
  const upstream = from.answer.headers?.['server-timing']
  return upstream === undefined ? own : `${own}, ${upstream}`
}

function problemAnswer(problem: Problem, path: string): Answer {
  const headers = { ...problem.headers, 'content-type': 'application/problem+json' }
  return { status: problem.status, body: problemDocument(problem, path), headers }
}

/** '/a?b=c' in its two parts. An absolute-form target keeps only its path. */
function splitUrl(url: string): { path: string; search: string } {
  const relative = url.startsWith('/') ? url : url.replace(/^[a-z]+:\/\/[^/]*/i, '') || '/'
  const mark = relative.indexOf('?')
  if (mark === -1) return { path: relative, search: '' }
  return { path: relative.slice(0, mark), search: relative.slice(mark + 1) }
}

/** Writes at most one error a second to stderr and says how many it left out. */
function rateLimitedLog(name: string): (error: unknown) => void {
  let lastMs = Number.NEGATIVE_INFINITY
  let leftOut = 0
  return error => {
    if (performance.now() - lastMs < 1_000) {
      leftOut += 1
      return
    }
    lastMs = performance.now()
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    console.error(`${name}: ${text}${leftOut > 0 ? ` (and ${leftOut} more)` : ''}`)
    leftOut = 0
  }
}
