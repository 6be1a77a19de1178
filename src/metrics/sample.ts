/** What a series counts: one exchange, one step (timed group of exchanges) or one poll. */
export type SeriesKind = 'request' | 'step' | 'poll'

/** 'ok' or 'failed'; the reason of a failure is text beside it. */
export type Outcome = 'ok' | 'failed'

/**
 * Record of one exchange (or step, or poll), read synchronously by the recorder: the caller may use
 * the same object again for the next one. Times are µs since run start.
 *
 *   intendedAtUs ── start delay ── startedAtUs ──── service time ──── endedAtUs
 *        └───────────────────────── latency ─────────────────────────────┘
 *
 * Only the first exchange of an iteration has intendedAtUs before startedAtUs.
 */
export interface Sample {
  /** From `Recorder.series`. */
  readonly seriesId: number
  readonly intendedAtUs: number
  readonly startedAtUs: number
  readonly endedAtUs: number
  /** Status of the answer; 0 when there was none (and for steps and polls). */
  readonly status: number
  /** Why it failed, short and of low cardinality ('status 503', 'timeout'); undefined when ok. */
  readonly failure: string | undefined
  /** Bytes on the wire of this exchange, heads included, before decompression and inside TLS. */
  readonly bytesIn: number
  readonly bytesOut: number
  readonly userId: number
  readonly iteration: number
  /** 32 hex digits, or '' when the exchange carried none. */
  readonly traceId: string
  /** Read only for a sample that is kept; undefined for steps and polls. */
  readonly timings: Timings | undefined
  /** Asked only for a sample that is kept; absent for steps and polls. */
  readonly exchange?: ExchangeSource | undefined
}

/** Tells of the exchange behind a sample, at little cost until the last moment. */
export interface ExchangeSource {
  /** Called while the sample is recorded; what it returns is called later, if at all. */
  capture(): () => KeptExchange
}

/** Addresses and headers of a kept exchange: secrets hidden, long values cut. */
export interface KeptExchange {
  readonly method: string
  readonly url: string
  /** In the order they were sent. */
  readonly requestHeaders: readonly (readonly [name: string, value: string])[]
  readonly responseHeaders: readonly (readonly [name: string, value: string])[]
}

/** Phases of one exchange, each in µs. A phase that did not happen (connection reused) is 0. */
export interface Timings {
  readonly dnsUs: number
  readonly connectUs: number
  readonly tlsUs: number
  /** From the request's first byte handed to the kernel to the answer's first byte. */
  readonly firstByteUs: number
  /** From the answer's first byte to its last. */
  readonly downloadUs: number
  readonly connectionReused: boolean
}

/** A slow or failed sample kept whole: plain data. */
export interface KeptSample {
  /** Of failed requests, and of the slowest of each second. */
  readonly exchange?: KeptExchange
  readonly kind: SeriesKind
  readonly scenario: string
  readonly name: string
  readonly why: 'slow' | 'failed'
  readonly worker: number
  readonly userId: number
  readonly iteration: number
  readonly intendedAtUs: number
  readonly startedAtUs: number
  readonly endedAtUs: number
  readonly status: number
  readonly failure: string | undefined
  readonly traceId: string
  readonly timings: Timings | undefined
}
