import type { Exposition } from './exposition.ts'
import { Histogram } from './histogram.ts'

/** One request as Istio counts it. Source: Istio, "Standard metrics". */
export interface CountedRequest {
  /** The proxy of the caller, or of the service called. */
  readonly reporter: 'source' | 'destination'
  readonly source: string
  readonly destination: string
  /** As the endpoint's version, or the answer's x-upstream-version; 'unknown' without an answer. */
  readonly version: string
  /** 0 when the caller left before an answer. */
  readonly status: number
  /** Envoy's response flags, 'UF,URX'; '-' for none. */
  readonly flags: string
  /** 'mutual_tls' or 'none' at the destination; the source says 'unknown', as Istio's does. */
  readonly security: 'mutual_tls' | 'none' | 'unknown'
}

interface Series {
  readonly of: CountedRequest
  readonly durationMs: Histogram
}

/** istio_requests_total and istio_request_duration_milliseconds by their labels. */
export class IstioStats {
  readonly #series = new Map<string, Series>()

  count(of: CountedRequest, durationMs: number): void {
    const { reporter, source, destination, version, status, flags, security } = of
    const key = `${reporter}|${source}|${destination}|${version}|${status}|${flags}|${security}`
    let series = this.#series.get(key)
    if (!series) this.#series.set(key, (series = { of, durationMs: new Histogram() }))
    series.durationMs.observe(durationMs)
  }

  write(page: Exposition): void {
    for (const { of, durationMs } of this.#series.values()) {
      const labels = {
        reporter: of.reporter,
        source_workload: of.source,
        destination_workload: of.destination,
        destination_service_name: of.destination,
        destination_version: of.version,
        request_protocol: 'http',
        response_code: String(of.status),
        response_flags: of.flags,
        connection_security_policy: of.security,
      }
      page.counter('istio_requests_total', durationMs.count, labels)
      page.histogram('istio_request_duration_milliseconds', durationMs, labels)
    }
  }
}
