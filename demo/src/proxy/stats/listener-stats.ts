import type { Exposition, Labels } from './exposition.ts'
import { Histogram } from './histogram.ts'

/** Counters of the HTTP side. Source: Envoy, "HTTP connection manager: statistics". */
const httpCounters = [
  'downstream_cx_total',
  'downstream_cx_ssl_total',
  'downstream_cx_destroy',
  'downstream_cx_protocol_error',
  'downstream_rq_total',
  // The caller went away before its answer was complete.
  'downstream_rq_rx_reset',
  'downstream_rq_timeout',
] as const

/** Counters of the TLS side. Source: Envoy, "Listener: statistics", "TLS statistics". */
const listenerCounters = [
  'downstream_cx_total',
  'ssl_handshake',
  'ssl_session_reused',
  'ssl_connection_error',
  'ssl_fail_verify_no_cert',
  'ssl_fail_verify_error',
] as const

const zeros = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map(name => [name, 0])) as Record<Name, number>

/** The numbers of one listener. */
export class ListenerStats {
  readonly http = zeros(httpCounters)
  readonly listener = zeros(listenerCounters)
  readonly limit = zeros(['enabled', 'ok', 'rate_limited', 'enforced'])
  readonly rqTimeMs = new Histogram()
  cxActive = 0
  cxSslActive = 0
  rqActive = 0
  readonly #classes = new Map<number, number>()

  countAnswer(status: number): void {
    const codeClass = Math.floor(status / 100)
    this.#classes.set(codeClass, (this.#classes.get(codeClass) ?? 0) + 1)
  }

  /** `name` is 'inbound', 'outbound' or 'ingress'. */
  write(page: Exposition, at: { readonly name: string; readonly address: string }): void {
    const labels: Labels = { envoy_http_conn_manager_prefix: at.name }
    for (const name of httpCounters) page.counter(`envoy_http_${name}`, this.http[name], labels)
    page.gauge('envoy_http_downstream_cx_active', this.cxActive, labels)
    page.gauge('envoy_http_downstream_cx_ssl_active', this.cxSslActive, labels)
    page.gauge('envoy_http_downstream_rq_active', this.rqActive, labels)
    page.histogram('envoy_http_downstream_rq_time', this.rqTimeMs, labels)
    for (const [codeClass, count] of this.#classes) {
      const withClass = { ...labels, envoy_response_code_class: String(codeClass) }
      page.counter('envoy_http_downstream_rq_xx', count, withClass)
    }
    const address = { envoy_listener_address: at.address }
    for (const name of listenerCounters) {
      page.counter(`envoy_listener_${name}`, this.listener[name], address)
    }
    page.gauge('envoy_listener_downstream_cx_active', this.cxActive, address)
    if (at.name === 'outbound') return
    const limit = { envoy_local_http_ratelimit_prefix: 'http_local_rate_limiter' }
    for (const [name, count] of Object.entries(this.limit)) {
      page.counter(`envoy_http_local_rate_limit_${name}`, count, limit)
    }
  }
}
