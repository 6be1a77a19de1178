import type { Labels } from '../../report/index.ts'
import { encodeMessage, type Schema } from '../wire/protobuf.ts'

/** What remote write 1.0 sends (prometheus.WriteRequest), as plain objects. */
export interface WriteRequest {
  readonly timeseries: readonly TimeSeries[]
  readonly metadata?: readonly MetricMetadata[]
}

export interface TimeSeries {
  readonly labels: readonly { readonly name: string; readonly value: string }[]
  readonly samples?: readonly RemoteSample[]
  readonly histograms?: readonly NativeHistogram[]
}

export interface RemoteSample {
  /** A bigint is the value's 64 bits. */
  readonly value: number | bigint
  readonly timestamp: number
}

/** Sparse: spans say where buckets follow each other, deltas how each differs from the last. */
export interface NativeHistogram {
  readonly countInt: number
  readonly sum: number | bigint
  readonly schema: number
  readonly zeroThreshold: number
  readonly zeroCountInt: number
  readonly positiveSpans: readonly { readonly offset: number; readonly length: number }[]
  readonly positiveDeltas: readonly number[]
  readonly timestamp: number
}

export interface MetricMetadata {
  readonly type: number
  readonly metricFamilyName: string
  readonly help: string
}

/** Numbers of MetricMetadata.type. */
export const metadataTypes = { counter: 1, gauge: 2, histogram: 3 } as const

const schema: Schema = {
  timeseries: [
    1,
    {
      labels: [1, { name: [1, 'string'], value: [2, 'string'] }],
      samples: [2, { value: [1, 'doubleBits'], timestamp: [2, 'uint'] }],
      histograms: [
        4,
        {
          countInt: [1, 'uint'],
          sum: [3, 'doubleBits'],
          schema: [4, 'sint'],
          zeroThreshold: [5, 'double'],
          zeroCountInt: [6, 'uint'],
          positiveSpans: [11, { offset: [1, 'sint'], length: [2, 'uint'] }],
          positiveDeltas: [12, 'sint'],
          timestamp: [15, 'uint'],
        },
      ],
    },
  ],
  metadata: [3, { type: [1, 'uint'], metricFamilyName: [2, 'string'], help: [4, 'string'] }],
}

export const encodeWriteRequest = (request: WriteRequest): Uint8Array =>
  encodeMessage(schema, request)

/** Labels of a series as remote write wants them: sorted by name, without empty values. */
export function seriesLabels(name: string, labels: Labels): TimeSeries['labels'] {
  return Object.entries({ ...labels, __name__: name })
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ name: key, value }))
}
