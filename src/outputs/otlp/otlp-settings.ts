import { parsePairs } from './resource.ts'
import type { OtlpSettings } from '../output.ts'

/** Reads OpenTelemetry's own variables. A protocol that is not HTTP is not ours: protobuf then. */
export function otlpSettings(
  environment: Readonly<Record<string, string | undefined>>,
): OtlpSettings {
  const of = (name: string) => environment[name] ?? ''
  const shared = parsePairs(of('OTEL_EXPORTER_OTLP_HEADERS'))
  const aggregation = of('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION')
  return {
    encoding: of('OTEL_EXPORTER_OTLP_PROTOCOL') === 'http/json' ? 'json' : 'protobuf',
    metricHeaders: { ...shared, ...parsePairs(of('OTEL_EXPORTER_OTLP_METRICS_HEADERS')) },
    traceHeaders: { ...shared, ...parsePairs(of('OTEL_EXPORTER_OTLP_TRACES_HEADERS')) },
    serviceName: of('OTEL_SERVICE_NAME') === '' ? undefined : of('OTEL_SERVICE_NAME'),
    resourceAttributes: parsePairs(of('OTEL_RESOURCE_ATTRIBUTES')),
    exponential: aggregation === 'base2_exponential_bucket_histogram',
  }
}
