import type { Exposition, Labels } from './exposition.ts'
import { Histogram } from './histogram.ts'

/**
 * Counters of a cluster under Envoy's names, with what each means here where that is not plain.
 * Source: Envoy, "Cluster manager: statistics". A try is one request to one endpoint.
 */
const counters = [
  'upstream_cx_total',
  'upstream_cx_http1_total',
  // Always 0, as in an Envoy with HTTP/1.1 and no limit of pools.
  'upstream_cx_http2_total',
  'upstream_cx_pool_overflow',
  // A connection was wanted and connectionsMax did not allow it; the request waits on.
  'upstream_cx_overflow',
  'upstream_cx_connect_fail',
  'upstream_cx_connect_timeout',
  'upstream_cx_max_requests',
  'upstream_cx_none_healthy',
  'upstream_cx_protocol_error',
  'upstream_cx_destroy',
  'upstream_cx_destroy_local',
  'upstream_cx_destroy_remote',
  'upstream_cx_destroy_with_active_rq',
  // Tries that got a connection, further ones included.
  'upstream_rq_total',
  // Tries that found no free connection, those that only had to wait for a new one included.
  'upstream_rq_pending_total',
  // Refused by pendingMax or requestsMax.
  'upstream_rq_pending_overflow',
  // Of these, by requestsMax.
  'upstream_rq_active_overflow',
  // Gave up waiting because the connection could not be made.
  'upstream_rq_pending_failure_eject',
  'upstream_rq_cancelled',
  'upstream_rq_timeout',
  'upstream_rq_per_try_timeout',
  'upstream_rq_rx_reset',
  'upstream_rq_tx_reset',
  'upstream_rq_retry',
  'upstream_rq_retry_backoff_exponential',
  'upstream_rq_retry_success',
  // Not tried again because of the retry budget.
  'upstream_rq_retry_overflow',
  // Not tried again because of retriesMax.
  'upstream_rq_retry_limit_exceeded',
  'retry_or_shadow_abandoned',
  'membership_change',
  // Choices made among all endpoints because too few were healthy.
  'lb_healthy_panic',
  // A version had no endpoint and another one answered.
  'lb_subsets_fallback',
  'lb_subsets_selected',
  'outlier_detection_ejections_enforced_total',
  'outlier_detection_ejections_enforced_consecutive_5xx',
  'outlier_detection_ejections_detected_consecutive_5xx',
  // Not ejected because of ejectedRatioMax.
  'outlier_detection_ejections_overflow',
  'ssl_handshake',
  'ssl_session_reused',
  'ssl_connection_error',
  'ssl_fail_verify_error',
  'ssl_fail_verify_san',
] as const

export type ClusterCounter = (typeof counters)[number]

/** The numbers of one cluster. */
export class ClusterStats {
  readonly counts = Object.fromEntries(counters.map(name => [name, 0])) as Record<
    ClusterCounter,
    number
  >
  /** Of connections that are closed. */
  bytesRead = 0
  bytesWritten = 0
  /** From the end of the request to the end of the final answer, tries and pauses included. */
  readonly rqTimeMs = new Histogram()
  readonly cxConnectMs = new Histogram()
  readonly cxLengthMs = new Histogram()
  readonly rqPerCx = new Histogram()
  readonly #finalCodes = new Map<number, number>()
  readonly #retriedCodes = new Map<number, number>()

  /** The answer that went back, the proxy's own ones included. */
  countFinal(status: number): void {
    this.#finalCodes.set(status, (this.#finalCodes.get(status) ?? 0) + 1)
  }

  /** An answer that was thrown away for another try. */
  countRetried(status: number): void {
    this.#retriedCodes.set(status, (this.#retriedCodes.get(status) ?? 0) + 1)
  }

  write(page: Exposition, labels: Labels): void {
    for (const name of counters) page.counter(`envoy_cluster_${name}`, this.counts[name], labels)
    writeCodes(page, 'envoy_cluster_upstream_rq', { codes: this.#finalCodes, labels })
    writeCodes(page, 'envoy_cluster_retry_upstream_rq', { codes: this.#retriedCodes, labels })
    page.histogram('envoy_cluster_upstream_rq_time', this.rqTimeMs, labels)
    page.histogram('envoy_cluster_upstream_cx_connect_ms', this.cxConnectMs, labels)
    page.histogram('envoy_cluster_upstream_cx_length_ms', this.cxLengthMs, labels)
    page.histogram('envoy_cluster_upstream_rq_per_cx', this.rqPerCx, labels)
  }
}

/** `<name>{envoy_response_code}` and `<name>_xx{envoy_response_code_class}`. */
function writeCodes(
  page: Exposition,
  name: string,
  of: { readonly codes: ReadonlyMap<number, number>; readonly labels: Labels },
): void {
  const classes = new Map<string, number>()
  for (const [code, count] of of.codes) {
    const codeClass = String(Math.floor(code / 100))
    classes.set(codeClass, (classes.get(codeClass) ?? 0) + count)
    page.counter(name, count, { ...of.labels, envoy_response_code: String(code) })
  }
  for (const [codeClass, count] of classes) {
    page.counter(`${name}_xx`, count, { ...of.labels, envoy_response_code_class: codeClass })
  }
}
