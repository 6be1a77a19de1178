import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A function runtime's numbers, named after OpenTelemetry's for functions as a service. */
export class FunctionMetrics {
  readonly invocations: Counter
  readonly coldStarts: Counter
  readonly throttles: Counter
  readonly errors: Counter
  readonly timeouts: Counter
  readonly initDuration: Histogram
  readonly invokeDuration: Histogram

  /** `read` is asked when Prometheus asks. */
  constructor(options: {
    readonly registry: Registry
    readonly read: () => { readonly busy: number; readonly idle: number; readonly limit: number }
  }) {
    const registers = [options.registry]
    const labelNames = ['faas_name']
    const counter = (name: string, help: string) =>
      new Counter({ name, help, labelNames, registers })
    const histogram = (name: string, help: string) =>
      new Histogram({ name, help, labelNames, buckets: secondsBuckets, registers })
    this.invocations = counter('faas_invocations_total', 'Invocations that got an instance')
    this.coldStarts = counter('faas_coldstarts_total', 'Instances started')
    this.throttles = counter('faas_throttles_total', 'Invocations refused: too many at once')
    this.errors = counter('faas_errors_total', 'Invocations whose instance broke')
    this.timeouts = counter('faas_timeouts_total', 'Invocations that took too long')
    this.initDuration = histogram('faas_init_duration_seconds', 'Time to start an instance')
    this.invokeDuration = histogram(
      'faas_invoke_duration_seconds',
      'Time of an invocation, the start of its instance included',
    )
    const gauge = (name: string, help: string, value: () => number) => {
      new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(value())
        },
      })
    }
    const { read } = options
    gauge('faas_concurrent_executions', 'Invocations running now', () => read().busy)
    gauge('faas_concurrency_limit', 'Invocations that may run at once', () => read().limit)
    gauge('faas_warm_instances', 'Instances that wait for an invocation', () => read().idle)
  }
}
