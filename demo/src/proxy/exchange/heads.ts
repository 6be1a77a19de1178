import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** What the proxy calls itself in `server`; Envoy overwrites the header too. */
export const serverName = 'shop-proxy'

/** Headers of one connection only (RFC 9110, 7.6.1), and what Node writes itself. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
// Node has answered `expect` before a request gets here.
const notInRequest = new Set([...hopByHop, 'expect', 'x-envoy-attempt-count'])
const notInAnswer = new Set([
  ...hopByHop,
  'server',
  'x-envoy-attempt-count',
  'x-envoy-upstream-service-time',
])
const sourceHeader = 'x-shop-source'
const timeoutHeader = 'x-envoy-expected-rq-timeout-ms'

/** Where a request came in. */
export interface RequestOrigin {
  /** From outside the mesh: its x-envoy- headers are not believed, and it gets a request id. */
  readonly fromOutside: boolean
  /** Set as x-shop-source, in the place of what a caller says; undefined: that is left alone. */
  readonly source: string | undefined
  readonly secure: boolean
}

/**
 * The headers of a request as they go on, without those that each try sets. Host, trace context
 * and everything unknown stay as they are, in their order.
 */
export function requestHeaders(incoming: IncomingMessage, origin: RequestOrigin): string[] {
  const { rawHeaders, headers } = incoming
  const named = namedByConnection(headers.connection)
  const passed: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    const lower = name.toLowerCase()
    if (notInRequest.has(lower) || named?.has(lower)) continue
    if (lower === timeoutHeader || (lower === sourceHeader && origin.source !== undefined)) continue
    if (origin.fromOutside && (lower.startsWith('x-envoy-') || lower === 'x-forwarded-for')) {
      continue
    }
    passed.push(name, rawHeaders[index + 1]!)
  }
  addBodyFraming(passed, incoming)
  if (headers['x-forwarded-proto'] === undefined) {
    passed.push('x-forwarded-proto', origin.secure ? 'https' : 'http')
  }
  if (origin.fromOutside) addFromOutside(passed, incoming)
  if (origin.source !== undefined) passed.push(sourceHeader, origin.source)
  return passed
}

function addBodyFraming(passed: string[], { headers, method }: IncomingMessage): void {
  if (headers['transfer-encoding'] !== undefined) passed.push('transfer-encoding', 'chunked')
  else if (headers['content-length'] === undefined && method !== 'GET' && method !== 'HEAD') {
    passed.push('content-length', '0')
  }
}

function addFromOutside(passed: string[], { headers, socket }: IncomingMessage): void {
  const before = headers['x-forwarded-for']
  const address = socket.remoteAddress ?? 'unknown'
  passed.push('x-forwarded-for', before === undefined ? address : `${String(before)}, ${address}`)
  if (headers['x-request-id'] === undefined) passed.push('x-request-id', randomUUID())
}

/** With what a try adds: which one it is, and how long it may take (0: no limit, not said). */
export function tryHeaders(
  base: readonly string[],
  own: { readonly attempt: number; readonly timeoutMs: number },
): string[] {
  const headers = [...base, 'x-envoy-attempt-count', String(own.attempt)]
  if (own.timeoutMs > 0) headers.push(timeoutHeader, String(Math.round(own.timeoutMs)))
  return headers
}

/** The headers of an answer as they go back. */
export function answerHeaders(
  answer: IncomingMessage,
  own: {
    readonly attempt: number
    /** Undefined when the answer came before the request was complete. */
    readonly upstreamMs: number | undefined
    readonly close: boolean
  },
): string[] {
  const { rawHeaders } = answer
  const named = namedByConnection(answer.headers.connection)
  const passed: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    const lower = name.toLowerCase()
    if (!notInAnswer.has(lower) && !named?.has(lower)) passed.push(name, rawHeaders[index + 1]!)
  }
  passed.push('server', serverName, 'x-envoy-attempt-count', String(own.attempt))
  if (own.upstreamMs !== undefined) {
    passed.push('x-envoy-upstream-service-time', String(Math.floor(own.upstreamMs)))
  }
  if (own.close) passed.push('connection', 'close')
  return passed
}

function namedByConnection(connection: string | undefined): Set<string> | undefined {
  if (connection === undefined || /^(keep-alive|close)$/i.test(connection)) return undefined
  return new Set(connection.split(',').map(name => name.trim().toLowerCase()))
}
