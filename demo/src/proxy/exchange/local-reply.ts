import type { ServerResponse } from 'node:http'
import { replies, type Failure } from './failure.ts'
import { serverName } from './heads.ts'

/**
 * The proxy's own answer, as Envoy gives it: plain text, x-envoy-overloaded when a circuit breaker
 * refused, x-envoy-ratelimited when the rate limit did. Returns its status.
 */
export function replyLocally(
  outgoing: ServerResponse,
  reply: {
    readonly failure: Failure
    /** Left out for requests that were not tried at all. */
    readonly attempt?: number
    readonly close: boolean
  },
): number {
  const { status, text } = replies[reply.failure]
  const headers = ['content-type', 'text/plain', 'server', serverName]
  headers.push('content-length', String(text.length))
  if (reply.attempt !== undefined) headers.push('x-envoy-attempt-count', String(reply.attempt))
  if (reply.failure === 'overflow') headers.push('x-envoy-overloaded', 'true')
  if (reply.failure === 'rate-limited') headers.push('x-envoy-ratelimited', 'true')
  if (reply.close) headers.push('connection', 'close')
  outgoing.writeHead(status, headers)
  outgoing.end(text)
  return status
}
