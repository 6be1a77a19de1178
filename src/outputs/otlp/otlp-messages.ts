import { encodeMessage, type Schema } from '../wire/protobuf.ts'

/** OTLP's messages, as its JSON writes them: ids in hex, 64-bit numbers as decimal text. */
export interface KeyValue {
  readonly key: string
  readonly value: { readonly stringValue: string } | { readonly intValue: string }
}

export interface NumberDataPoint {
  readonly attributes: readonly KeyValue[]
  readonly startTimeUnixNano: string
  readonly timeUnixNano: string
  readonly asDouble: number
}

export interface HistogramDataPoint {
  readonly attributes: readonly KeyValue[]
  readonly startTimeUnixNano: string
  readonly timeUnixNano: string
  readonly count: string
  readonly sum: number
  readonly min?: number
  readonly max?: number
}

export interface ExplicitDataPoint extends HistogramDataPoint {
  readonly bucketCounts: readonly string[]
  readonly explicitBounds: readonly number[]
}

export interface ExponentialDataPoint extends HistogramDataPoint {
  readonly scale: number
  readonly zeroCount: string
  readonly zeroThreshold: number
  readonly positive: { readonly offset: number; readonly bucketCounts: readonly string[] }
}

export interface Metric {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly gauge?: { readonly dataPoints: readonly NumberDataPoint[] }
  readonly sum?: {
    readonly dataPoints: readonly NumberDataPoint[]
    readonly aggregationTemporality: 2
    readonly isMonotonic: true
  }
  readonly histogram?: {
    readonly dataPoints: readonly ExplicitDataPoint[]
    readonly aggregationTemporality: 2
  }
  readonly exponentialHistogram?: {
    readonly dataPoints: readonly ExponentialDataPoint[]
    readonly aggregationTemporality: 2
  }
}

export interface Resource {
  readonly attributes: readonly KeyValue[]
}

interface Scope {
  readonly name: string
  readonly version: string
}

export interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource: Resource
    readonly scopeMetrics: readonly { readonly scope: Scope; readonly metrics: readonly Metric[] }[]
  }[]
}

export interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** 1 internal, 3 client. */
  readonly kind: 1 | 3
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly KeyValue[]
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  /** Code 2 is an error. */
  readonly status?: { readonly code: 2; readonly message?: string }
}

export interface TracesRequest {
  readonly resourceSpans: readonly {
    readonly resource: Resource
    readonly scopeSpans: readonly { readonly scope: Scope; readonly spans: readonly OtlpSpan[] }[]
  }[]
}

const attributes: Schema = {
  key: [1, 'string'],
  value: [2, { stringValue: [1, 'string'], intValue: [3, 'uint'] }],
}
const resource: Schema = { attributes: [1, attributes] }
const scope: Schema = { name: [1, 'string'], version: [2, 'string'] }
const times: Schema = { startTimeUnixNano: [2, 'fixed64'], timeUnixNano: [3, 'fixed64'] }
const number: Schema = { ...times, asDouble: [4, 'double'], attributes: [7, attributes] }
const explicit: Schema = {
  ...times,
  attributes: [9, attributes],
  ...{ count: [4, 'fixed64'], sum: [5, 'double'] },
  ...{ bucketCounts: [6, 'fixed64'], explicitBounds: [7, 'double'] },
  ...{ min: [11, 'double'], max: [12, 'double'] },
}
const exponential: Schema = {
  ...times,
  attributes: [1, attributes],
  ...{ count: [4, 'fixed64'], sum: [5, 'double'], scale: [6, 'sint'], zeroCount: [7, 'fixed64'] },
  positive: [8, { offset: [1, 'sint'], bucketCounts: [2, 'uint'] }],
  ...{ min: [12, 'double'], max: [13, 'double'], zeroThreshold: [14, 'double'] },
}
const points = (point: Schema): Schema => ({
  dataPoints: [1, point],
  aggregationTemporality: [2, 'uint'],
  isMonotonic: [3, 'bool'],
})
const metric: Schema = {
  ...{ name: [1, 'string'], description: [2, 'string'], unit: [3, 'string'] },
  ...{ gauge: [5, points(number)], sum: [7, points(number)] },
  ...{ histogram: [9, points(explicit)], exponentialHistogram: [10, points(exponential)] },
}
const span: Schema = {
  ...{ traceId: [1, 'hex'], spanId: [2, 'hex'], parentSpanId: [4, 'hex'] },
  ...{ name: [5, 'string'], kind: [6, 'uint'] },
  ...{ startTimeUnixNano: [7, 'fixed64'], endTimeUnixNano: [8, 'fixed64'] },
  attributes: [9, attributes],
  links: [13, { traceId: [1, 'hex'], spanId: [2, 'hex'] }],
  status: [15, { message: [2, 'string'], code: [3, 'uint'] }],
}
const metricsRequest: Schema = {
  resourceMetrics: [
    1,
    { resource: [1, resource], scopeMetrics: [2, { scope: [1, scope], metrics: [2, metric] }] },
  ],
}
const tracesRequest: Schema = {
  resourceSpans: [
    1,
    { resource: [1, resource], scopeSpans: [2, { scope: [1, scope], spans: [2, span] }] },
  ],
}

/** How OTLP/HTTP may be written. */
export type OtlpEncoding = 'protobuf' | 'json'

export const otlpContentTypes: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}

export function encodeMetrics(request: MetricsRequest, encoding: OtlpEncoding): Uint8Array {
  return encoding === 'json' ? asJson(request) : encodeMessage(metricsRequest, request)
}

export function encodeTraces(request: TracesRequest, encoding: OtlpEncoding): Uint8Array {
  return encoding === 'json' ? asJson(request) : encodeMessage(tracesRequest, request)
}

const asJson = (value: object) => new TextEncoder().encode(JSON.stringify(value))

/** What reads a number's digits: nanoseconds of wall time, in whole microseconds. */
export function unixNano(unixMs: number, afterUs = 0): string {
  return String(BigInt(Math.round(unixMs * 1000 + afterUs)) * 1000n)
}

/** Attributes of texts and whole numbers; an empty text is left out. */
export function keyValues(values: Readonly<Record<string, string | number>>): KeyValue[] {
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    }))
}
