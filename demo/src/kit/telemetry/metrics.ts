import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** OpenTelemetry's advised bounds for HTTP durations, with two finer ones: the shop is local. */
const secondsBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

/**
 * One service's numbers for Prometheus, named after OpenTelemetry's semantic conventions, plus
 * prom-client's process, event-loop and garbage-collection metrics.
 */
export class ServiceMetrics {
  readonly registry = new Registry()
  readonly serverDuration: Histogram
  readonly serverActive: Gauge
  readonly clientDuration: Histogram
  readonly clientRetries: Counter
  readonly clientOverflows: Counter
  readonly poolWait: Histogram

  constructor(service: string) {
    this.registry.setDefaultLabels({ service_name: service })
    collectDefaultMetrics({ register: this.registry })
    const registers = [this.registry]
    this.serverDuration = new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Time from the request head to the end of the answer',
      labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
      buckets: secondsBuckets,
      registers,
    })
    this.serverActive = new Gauge({
      name: 'http_server_active_requests',
      help: 'Requests being answered now',
      registers,
    })
    this.clientDuration = new Histogram({
      name: 'http_client_request_duration_seconds',
      help: 'Time of one call to another service, waiting for a connection included',
      labelNames: ['server_address', 'http_request_method', 'http_response_status_code'],
      buckets: secondsBuckets,
      registers,
    })
    this.clientRetries = new Counter({
      name: 'http_client_retries_total',
      help: 'Further tries of calls to another service',
      labelNames: ['server_address'],
      registers,
    })
    this.clientOverflows = new Counter({
      name: 'http_client_overflows_total',
      help: 'Calls given up because too many were waiting for a connection',
      labelNames: ['server_address'],
      registers,
    })
    this.poolWait = new Histogram({
      name: 'db_client_connection_wait_time_seconds',
      help: 'Time to get a connection from the pool',
      buckets: secondsBuckets,
      registers,
    })
  }

  /** A gauge whose values are read when Prometheus asks, not when they change. */
  gauge(options: { name: string; help: string; label?: string; read: GaugeReader }): void {
    const { name, help, label, read } = options
    new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [this.registry],
      async collect() {
        for (const [value, count] of Object.entries(await read())) {
          this.set(label === undefined ? {} : { [label]: value }, count)
        }
      },
    })
  }
}

/** Values by the label's value; without a label the key does not matter. */
export type GaugeReader = () => Record<string, number> | Promise<Record<string, number>>
