import type { InstanceIdentity, TelemetryOptions } from '../../protocol.ts'
import type { ServiceMetrics } from './metrics.ts'
import type { OtelTracing } from './otel-tracing.ts'
import { RequestLog } from './request-log.ts'
import { noTracing, type Tracing } from './tracing.ts'

/** What a service process tells others, besides its metrics. */
export interface Telemetry {
  readonly tracing: Tracing
  readonly log: RequestLog | undefined
  /** Sends and writes what is left, in about a second at most. */
  stop(): Promise<void>
}

/**
 * Opens what the options ask for, once the process knows who it is. The OpenTelemetry SDK is loaded
 * only when there is somebody to send traces to. A foreign service tells nothing.
 */
export async function openTelemetry(given: {
  readonly service: string
  readonly identity: InstanceIdentity
  readonly metrics: ServiceMetrics
  readonly foreign?: boolean | undefined
  readonly options: TelemetryOptions
}): Promise<Telemetry> {
  const { service, identity, metrics, foreign = false, options } = given
  metrics.identify(identity)
  const { otlpUrl, requestLog } = options
  const tracing =
    otlpUrl === undefined || foreign
      ? noTracing
      : await openTracing({ service, identity, metrics, options, otlpUrl })
  const log = requestLog && !foreign ? openLog(service, identity) : undefined
  return {
    tracing,
    log,
    stop: async () => {
      await Promise.all([tracing.stop(), log?.stop()])
    },
  }
}

async function openTracing(given: ConstructorParameters<typeof OtelTracing>[0]): Promise<Tracing> {
  const loaded = await import('./otel-tracing.ts')
  return new loaded.OtelTracing(given)
}

function openLog(service: string, identity: InstanceIdentity): RequestLog {
  const sink = process.stdout
  // Whoever read it is gone: that is no reason to end.
  sink.on('error', () => undefined)
  return new RequestLog({ sink, service, instance: identity.id })
}
