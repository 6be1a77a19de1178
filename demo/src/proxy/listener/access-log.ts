import type { IncomingMessage } from 'node:http'
import type { DoneExchange } from '../exchange/exchange.ts'

/** One request in Envoy's words. Source: Envoy, "Access logging", Istio's JSON format. */
export function accessLogLine(
  incoming: IncomingMessage,
  done: Partial<DoneExchange> & {
    readonly status: number
    readonly flags: string
    readonly cluster: string
    readonly durationMs: number
  },
): string {
  const { headers, method, url, httpVersion } = incoming
  return JSON.stringify({
    start_time: new Date(Date.now() - done.durationMs).toISOString(),
    method,
    path: url,
    protocol: `HTTP/${httpVersion}`,
    authority: headers.host ?? '-',
    response_code: done.status,
    response_flags: done.flags,
    bytes_received: done.bytesReceived ?? 0,
    bytes_sent: done.bytesSent ?? 0,
    duration: Math.round(done.durationMs),
    upstream_service_time: done.upstreamMs === undefined ? '-' : Math.floor(done.upstreamMs),
    upstream_request_attempt_count: done.attempts ?? 0,
    upstream_cluster: done.cluster,
    upstream_host: done.host?.endpoint.url.replace(/^https?:\/\//, '') ?? '-',
    request_id: headers['x-request-id'] ?? '-',
    traceparent: headers['traceparent'] ?? '-',
  })
}
