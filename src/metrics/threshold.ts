/** What a threshold can limit. Latency figures come from `latency`, both outcomes merged. */
export type ThresholdMetric =
  | { readonly kind: 'avg' | 'min' | 'max' }
  | { readonly kind: 'percentile'; readonly percent: number }
  | { readonly kind: 'errors' | 'rps' | 'drops' | 'checks' }

/**
 * A pass/fail limit, parsed from
 * '[<name or glob>:] <metric> <op> <limit> [for <duration>] [, abort]'.
 * `limit` is in the metric's base unit: µs for latency, ratio 0..1 for errors and checks, per
 * second for rps, a count for drops.
 */
export interface Threshold {
  readonly expression: string
  /** Name or glob of series; undefined means all requests together. */
  readonly pattern: string | undefined
  readonly metric: ThresholdMetric
  readonly operator: '<' | '<=' | '>' | '>='
  readonly limit: number
  /** With 'for': broken only when broken in every window of such a stretch. */
  readonly forUs: number | undefined
  /** Ends the run as soon as it is broken. */
  readonly abort: boolean
}

export interface ThresholdResult {
  readonly threshold: Threshold
  readonly ok: boolean
  /** In the unit of `limit`; undefined when there was no sample (which fails the threshold). */
  readonly measured: number | undefined
  /** Run time of the moment it broke, for thresholds judged per window; undefined otherwise. */
  readonly brokenAtUs: number | undefined
  /** In words, when there is more to say ('no series is named ...; seen: ...'). */
  readonly note: string | undefined
}
