/**
 * A span of a virtual user: an iteration, a step or poll in it, or one request of an exchange (a
 * redirect is a request of its own). Plain data; times are µs since run start.
 */
export interface UserSpan {
  readonly kind: 'iteration' | 'step' | 'poll' | 'request'
  /** 32 hex digits: one trace an iteration. */
  readonly traceId: string
  /** 16 hex digits; for a request those in its traceparent. */
  readonly spanId: string
  /** '' for an iteration, and for a request outside any. */
  readonly parentSpanId: string
  readonly scenario: string
  /** Name of the series; of an iteration: its scenario. */
  readonly name: string
  readonly startedAtUs: number
  readonly endedAtUs: number
  readonly userId: number
  readonly iteration: number
  /** Why it failed, as in a sample; undefined when it did not. */
  readonly failure: string | undefined
  /** Of requests only. */
  readonly request: SpanRequest | undefined
}

export interface SpanRequest {
  readonly method: string
  /** Without the values of its query, which may be secret. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** 0: there was no answer. */
  readonly status: number
  /** How many redirects led to it. */
  readonly redirects: number
}

/** Spans of one worker, and what is missing of them because there were too many. */
export interface SpanBatch {
  readonly spans: readonly UserSpan[]
  /** Sampled iterations that make no spans. */
  readonly iterationsLeftOut: number
  /** Spans of other iterations. */
  readonly spansLost: number
}
