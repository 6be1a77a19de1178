import type { IncomingMessage } from 'node:http'
import type { ServiceMetrics } from './metrics.ts'
import type { LoggedRequest, RequestLog } from './request-log.ts'
import { noSpan, noTracing, type TraceSpan, type Tracing } from './tracing.ts'

/** A request while it is being answered. */
export interface ServedRequest {
  /** The route's path once it is known, '/orders/:id'. */
  route: string
  readonly span: TraceSpan
  readonly startedMs: number
}

export interface ServedAnswer {
  readonly incoming: IncomingMessage
  readonly path: string
  readonly status: number
  readonly tookMs: number
  /** Time spent in calls to others and in the database. */
  readonly timingsMs: ReadonlyMap<string, number>
}

/** Pages that are asked for all the time and tell nothing about the service's work. */
const untold = new Set(['/metrics', '/health', '/healthz'])

/** What a service tells about the requests it answers: numbers, spans, and lines of a log. */
export class RequestTelemetry {
  readonly #metrics: ServiceMetrics
  readonly #makesSpans: () => boolean
  #tracing: Tracing = noTracing
  #log: RequestLog | undefined

  /** `makesSpans` is asked at each request; without spans trace headers go on as they came. */
  constructor(metrics: ServiceMetrics, makesSpans: () => boolean = () => true) {
    this.#metrics = metrics
    this.#makesSpans = makesSpans
  }

  /** From now on requests make spans, and lines of the log if there is one. */
  attach(to: { readonly tracing: Tracing; readonly log?: RequestLog | undefined }): void {
    this.#tracing = to.tracing
    this.#log = to.log
  }

  begin(incoming: IncomingMessage, path: string): ServedRequest {
    this.#metrics.serverActive.inc()
    const startedMs = performance.now()
    const { method = 'GET', headers } = incoming
    const told = this.#makesSpans() && !untold.has(path)
    const span = told ? this.#tracing.serve(method, headers) : noSpan
    return { route: '(none)', span, startedMs }
  }

  /** To be called once, after the answer was written. */
  end(served: ServedRequest, answer: ServedAnswer): void {
    const { incoming, status, tookMs } = answer
    const errorType = status >= 500 ? String(status) : undefined
    this.#metrics.serverActive.dec()
    this.#metrics.serverDuration.observe(
      {
        http_request_method: incoming.method ?? '',
        http_route: served.route,
        http_response_status_code: status,
        ...(errorType !== undefined && { error_type: errorType }),
      },
      tookMs / 1000,
    )
    if (served.span.recorded) describe(served, answer)
    served.span.end(errorType)
    if (this.#log && !untold.has(answer.path)) this.#log.add(logged(served, answer))
  }
}

function describe({ span, route }: ServedRequest, answer: ServedAnswer): void {
  const { incoming, path, status } = answer
  const { method = 'GET', headers, socket } = incoming
  const known = route !== '(none)'
  if (known) span.rename(`${method} ${route}`)
  const query = incoming.url?.split('?').slice(1).join('?')
  const [address = '', port = String(socket.localPort ?? '')] = (headers.host ?? '').split(':')
  span.describe({
    'http.request.method': method,
    'http.response.status_code': status,
    'url.path': path,
    ...(query && { 'url.query': query }),
    'url.scheme': 'http',
    'server.address': address,
    'server.port': Number(port),
    ...(known && { 'http.route': route }),
    ...(headers['user-agent'] !== undefined && { 'user_agent.original': headers['user-agent'] }),
  })
}

function logged({ span, route }: ServedRequest, answer: ServedAnswer): LoggedRequest {
  const { incoming, path, status, tookMs, timingsMs } = answer
  const { method = 'GET', headers } = incoming
  const one = (name: string) => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const ids = { requestId: one('x-request-id'), userId: one('x-user-id') }
  const { traceId, spanId } = span
  return { method, route, path, status, durationMs: tookMs, timingsMs, traceId, spanId, ...ids }
}
