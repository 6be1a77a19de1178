import type { Clock } from '../base/index.ts'
import type { RunFacts, Threshold } from '../metrics/index.ts'
import type { MetricFamily } from '../report/index.ts'
import type { Delivered, Rejected } from './delivery/delivery.ts'
import type { OtlpEncoding } from './otlp/otlp-messages.ts'
import type { Targets } from './otlp/request-place.ts'

/** What an output is made with. */
export interface OutputPlace {
  readonly run: Pick<RunFacts, 'id' | 'script' | 'model' | 'tags' | 'loadstoneVersion'>
  readonly workers: number
  readonly thresholds: readonly Threshold[]
  /** Time left out at the start of what thresholds judge, µs. */
  readonly warmUpUs: number
  readonly targets: Targets
  readonly clock: Clock
  readonly otlp: OtlpSettings
}

/** What OpenTelemetry's own environment variables say. */
export interface OtlpSettings {
  readonly encoding: OtlpEncoding
  readonly metricHeaders: Readonly<Record<string, string>>
  readonly traceHeaders: Readonly<Record<string, string>>
  readonly serviceName: string | undefined
  readonly resourceAttributes: Readonly<Record<string, string>>
  /** Base-2 exponential histograms instead of explicit buckets. */
  readonly exponential: boolean
}

export interface SendMoment {
  readonly startAtUnixMs: number
  readonly atUnixMs: number
  /** When the metrics were last sent; run start before the first time. */
  readonly lastAtUnixMs: number
  readonly isLast: boolean
}

/** Where metrics go while a run is under way. Variants: OTLP, Prometheus remote write. */
export interface MetricsOutput {
  readonly shown: string
  /** Takes what there is now; what becomes of it is told by `close`. */
  send(families: readonly MetricFamily[], moment: SendMoment): void
  /** Delivers what waits, within `boundUs`. */
  close(boundUs: number): Promise<Delivered>
}

/** What an endpoint took without some of its parts, for the warnings of the summary. */
export function rejectedWords(shown: string, { items, why }: Rejected, parts: string): string[] {
  if (items === 0) return []
  return [`--out ${shown}: the endpoint left out ${items} ${parts}${why === '' ? '' : ` (${why})`}`]
}
