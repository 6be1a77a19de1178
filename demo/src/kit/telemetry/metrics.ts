import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { InstanceIdentity } from '../../protocol.ts'
import { collectRuntime } from './runtime-metrics.ts'

/**
 * OpenTelemetry's advised bounds for durations of requests and of database operations, with finer
 * ones below: the shop is local.
 */
const secondsBuckets = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1],
  ...[0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
]

/**
 * One service's numbers for Prometheus, named after OpenTelemetry's semantic conventions. All carry
 * the service's name, instance and version.
 */
export class ServiceMetrics {
  readonly registry = new Registry()
  readonly serverDuration: Histogram
  readonly serverActive: Gauge
  readonly clientDuration: Histogram
  readonly clientQueueTime: Histogram
  readonly clientConnectionsOpened: Counter
  readonly clientRetries: Counter
  readonly clientOverflows: Counter
  readonly poolWait: Histogram
  readonly poolUse: Histogram
  readonly poolCreate: Histogram
  readonly poolTimeouts: Counter
  readonly databaseDuration: Histogram
  readonly spansProcessed: Counter
  readonly #service: string

  constructor(service: string) {
    this.#service = service
    this.registry.setDefaultLabels({ service_name: service })
    collectRuntime(this.registry)
    this.serverDuration = this.#seconds(
      'http_server_request_duration_seconds',
      'Time from the request head to the end of the answer',
      ['http_request_method', 'http_route', 'http_response_status_code', 'error_type'],
    )
    this.serverActive = new Gauge({
      name: 'http_server_active_requests',
      help: 'Requests being answered now',
      registers: [this.registry],
    })
    this.clientDuration = this.#seconds(
      'http_client_request_duration_seconds',
      'Time of one try of a call to another service, waiting for a connection included',
      ['server_address', 'http_request_method', 'http_response_status_code', 'error_type'],
    )
    this.clientQueueTime = this.#seconds(
      'http_client_request_time_in_queue_seconds',
      'Time one try of a call waited for a connection, making it not included',
      ['server_address'],
    )
    this.clientConnectionsOpened = this.#count(
      'http_client_connections_opened_total',
      'New connections to another service',
    )
    this.clientRetries = this.#count(
      'http_client_retries_total',
      'Further tries of calls to another service',
    )
    this.clientOverflows = this.#count(
      'http_client_overflows_total',
      'Calls given up because too many were waiting for a connection',
    )
    this.poolWait = this.#seconds(
      'db_client_connection_wait_time_seconds',
      'Time to get a connection from the pool',
    )
    this.poolUse = this.#seconds(
      'db_client_connection_use_time_seconds',
      'Time from getting a connection from the pool to giving it back',
    )
    this.poolCreate = this.#seconds(
      'db_client_connection_create_time_seconds',
      'Time to make a new connection',
    )
    this.poolTimeouts = this.#count(
      'db_client_connection_timeouts_total',
      'Times no connection became free in time',
      [],
    )
    this.databaseDuration = this.#seconds(
      'db_client_operation_duration_seconds',
      'Time of one statement, waiting for a connection not included',
      ['db_operation_name', 'error_type'],
    )
    this.spansProcessed = this.#count(
      'otel_sdk_processor_span_processed_total',
      'Spans sent; with an error_type, spans lost: queue_full when they came too fast',
      ['error_type'],
    )
    this.#describeTarget()
  }

  /** From now on every number says which process of the service it is of. */
  identify(identity: InstanceIdentity): void {
    this.registry.setDefaultLabels({
      service_name: this.#service,
      service_instance_id: identity.id,
      service_version: identity.version,
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

  /** Kept-alive connections to other services, read when Prometheus asks. */
  connections(read: () => readonly PeerConnections[]): void {
    new Gauge({
      name: 'http_client_open_connections',
      help: 'Connections to other services, in use or kept for the next call',
      labelNames: ['server_address', 'state'],
      registers: [this.registry],
      collect() {
        for (const { peer, active, idle } of read()) {
          this.set({ server_address: peer, state: 'active' }, active)
          this.set({ server_address: peer, state: 'idle' }, idle)
        }
      },
    })
  }

  #seconds(name: string, help: string, labelNames: readonly string[] = []): Histogram {
    const registers = [this.registry]
    return new Histogram({
      ...{ name, help, labelNames: [...labelNames], buckets: secondsBuckets, registers },
    })
  }

  #count(name: string, help: string, labelNames: readonly string[] = ['server_address']): Counter {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] })
  }

  #describeTarget(): void {
    new Gauge({
      name: 'target_info',
      help: 'What these numbers are about',
      labelNames: ['deployment_environment_name', 'process_pid', 'process_runtime_version'],
      registers: [this.registry],
    }).set(
      {
        deployment_environment_name: 'demo',
        process_pid: String(process.pid),
        process_runtime_version: process.versions.node,
      },
      1,
    )
  }
}

/** Values by the label's value; without a label the key does not matter. */
export type GaugeReader = () => Record<string, number> | Promise<Record<string, number>>

export interface PeerConnections {
  readonly peer: string
  readonly active: number
  readonly idle: number
}
