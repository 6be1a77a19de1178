import type { Histogram } from '../../metrics/index.ts'

export type Labels = Readonly<Record<string, string>>

/** A number and what it is the number of. */
export interface NumberPoint {
  readonly labels: Labels
  readonly value: number
}

/** Durations in µs since run start, and what they are durations of. */
export interface HistogramPoint {
  readonly labels: Labels
  readonly histogram: Histogram
}

/**
 * A metric with all its series, under the name that Prometheus gets. Counters and histograms count
 * from run start. A histogram is one of durations: its name and `boundsSeconds` are in seconds.
 */
export type MetricFamily =
  | {
      readonly kind: 'counter' | 'gauge'
      readonly name: string
      readonly help: string
      readonly points: readonly NumberPoint[]
    }
  | {
      readonly kind: 'histogram'
      readonly name: string
      readonly help: string
      /** Upper bounds of the classic buckets, ascending, without infinity. */
      readonly boundsSeconds: readonly number[]
      readonly points: readonly HistogramPoint[]
    }

/** The buckets that OpenTelemetry advises for HTTP durations. */
export const requestBoundsSeconds: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

/** For what should be next to nothing: how late the generator itself was. */
export const delayBoundsSeconds: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]
