import {
  bucketCounts,
  exponentialBuckets,
  exponentialScale,
  zeroThresholdSeconds,
  type HistogramPoint,
  type Labels,
  type MetricFamily,
} from '../../report/index.ts'
import type { ExponentialDataPoint, ExplicitDataPoint, KeyValue, Metric } from './otlp-messages.ts'
import { keyValues, unixNano } from './otlp-messages.ts'
import { requestPlace, type Targets } from './request-place.ts'

export interface MetricsMoment {
  readonly startAtUnixMs: number
  readonly atUnixMs: number
}

export interface MetricsOptions {
  readonly targets: Targets
  /** Base-2 exponential histograms instead of OpenTelemetry's advised buckets. */
  readonly exponential: boolean
}

const requestDuration = 'loadstone_http_request_duration_seconds'

/** Attribute of each label; 'reason' is told apart by family. */
const attributeNames: Readonly<Record<string, string>> = {
  method: 'http.request.method',
  status: 'http.response.status_code',
}

const units = { seconds: 's', bytes: 'By', ratio: '1' } as const

/** Families as OTLP's metrics, cumulative from run start. */
export function metricsOf(
  families: readonly MetricFamily[],
  moment: MetricsMoment,
  options: MetricsOptions,
): Metric[] {
  return families
    .filter(({ name, points }) => points.length > 0 && name !== 'loadstone_run_info')
    .map(family => metricOf(family, moment, options))
}

function metricOf(family: MetricFamily, moment: MetricsMoment, options: MetricsOptions): Metric {
  const [, base = family.name, unit] =
    /^(.*?)(?:_(seconds|bytes|ratio))?(?:_total)?$/.exec(family.name) ?? []
  const name =
    family.name === requestDuration ? 'http.client.request.duration' : base.replaceAll('_', '.')
  const head = {
    ...{ name, description: family.help },
    unit: unit === undefined ? '1' : units[unit as keyof typeof units],
  }
  const common = (labels: Labels) => ({
    attributes: attributesOf(family.name, labels, options.targets),
    startTimeUnixNano: unixNano(moment.startAtUnixMs),
    timeUnixNano: unixNano(moment.atUnixMs),
  })
  if (family.kind === 'histogram') {
    return { ...head, ...histogramOf(family, common, options.exponential) }
  }
  const dataPoints = family.points.map(({ labels, value }) => {
    return { ...common(labels), asDouble: value }
  })
  if (family.kind === 'gauge') return { ...head, gauge: { dataPoints } }
  return { ...head, sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } }
}

type Common = (
  labels: Labels,
) => Pick<ExplicitDataPoint, 'attributes' | 'startTimeUnixNano' | 'timeUnixNano'>

function histogramOf(
  family: Extract<MetricFamily, { kind: 'histogram' }>,
  common: Common,
  exponential: boolean,
): Pick<Metric, 'histogram' | 'exponentialHistogram'> {
  const { points, boundsSeconds } = family
  const aggregationTemporality = 2
  if (exponential) {
    const dataPoints = points.map(point => exponentialPoint(point, common))
    return { exponentialHistogram: { dataPoints, aggregationTemporality } }
  }
  const dataPoints = points.map(point => ({
    ...common(point.labels),
    ...totalsOf(point),
    bucketCounts: bucketCounts(point.histogram, boundsSeconds).map(String),
    explicitBounds: boundsSeconds,
  }))
  return { histogram: { dataPoints, aggregationTemporality } }
}

function exponentialPoint(point: HistogramPoint, common: Common): ExponentialDataPoint {
  const { zeroCount, counts } = exponentialBuckets(point.histogram)
  const offset = counts[0]?.[0] ?? 0
  const dense = new Array<string>((counts.at(-1)?.[0] ?? offset - 1) - offset + 1).fill('0')
  for (const [index, count] of counts) dense[index - offset] = String(count)
  return {
    ...common(point.labels),
    ...totalsOf(point),
    scale: exponentialScale,
    zeroCount: String(zeroCount),
    zeroThreshold: zeroThresholdSeconds,
    positive: { offset, bucketCounts: dense },
  }
}

function totalsOf({ histogram }: HistogramPoint) {
  const { count, sumUs, minUs, maxUs } = histogram
  const extremes = count === 0 ? {} : { min: minUs / 1e6, max: maxUs / 1e6 }
  return { count: String(count), sum: sumUs / 1e6, ...extremes }
}

/**
 * Semantic conventions where a label has one. A series counts an outcome, not a status, so its
 * durations carry no status code; a failed one says that it is an error, the counters say which.
 */
function attributesOf(family: string, labels: Labels, targets: Targets): KeyValue[] {
  const isFailure = family === 'loadstone_request_failures_total'
  const named = Object.entries(labels).map(([label, value]) => {
    if (label === 'reason' && isFailure) return ['error.type', value] as const
    const key = attributeNames[label] ?? `loadstone.${label}`
    return [key, label === 'status' ? Number(value) : value] as const
  })
  const all: Record<string, string | number> = Object.fromEntries(named)
  if (labels['status'] === '0') delete all['http.response.status_code']
  if (labels['method'] !== undefined) {
    Object.assign(all, requestPlace(labels['scenario'] ?? '', labels['name'] ?? '', targets))
    if (labels['method'] === '') all['http.request.method'] = '_OTHER'
  }
  if (family === requestDuration && labels['outcome'] === 'failed') all['error.type'] = '_OTHER'
  return keyValues(all)
}
