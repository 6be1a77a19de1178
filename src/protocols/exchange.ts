import type { Clock } from '../base/index.ts'
import type { Timings } from '../metrics/index.ts'

/** Where an exchange goes: one TCP (or TLS, or Unix) end point. Parse once and keep it. */
export interface Origin {
  readonly scheme: 'http' | 'https'
  /** Name or address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** 'http://host:port': equal for equal end points, default port left out as in a URL's origin. */
  readonly key: string
  readonly socketPath: string | undefined
}

/** Material for TLS: PEM texts, already read. */
export interface TlsSettings {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly serverName: string | undefined
  readonly insecure: boolean
}

/** Fixed for the life of a client. */
export interface ClientOptions {
  readonly clock: Clock
  readonly tls: TlsSettings
  /** URL of an HTTP proxy: absolute-form for http targets, CONNECT for https ones. */
  readonly proxy: string | undefined
  /** false: a new connection for every exchange, closed after it. */
  readonly keepAlive: boolean
  /** Connections to one origin at most; further exchanges wait for one to come free. */
  readonly maxConnectionsPerOrigin: number
  /** @default 262144: an answer whose head is larger fails ('head too large'). */
  readonly maxHeadBytes?: number
  /**
   * Asked before each connection, once for every address that `host` stands for: false for one of
   * them fails the exchange ('refused by the safety guard') before a packet is sent. Unix sockets
   * are not asked about, nor is a proxy's own address. Through a proxy the target is judged: first
   * with '' as its address, which says "whatever the proxy takes it for"; when that is refused, by
   * its addresses as seen from here, and a name that cannot be resolved here is refused.
   * @default every connection may be opened
   */
  readonly mayConnect?: (host: string, address: string) => boolean
  /** Hears of every connection that `mayConnect` has forbidden, before its exchange is done. */
  readonly onRefused?: (host: string) => void
}

/** One request, ready for the wire. The caller may use the object again once `done` was called. */
export interface ExchangeRequest {
  readonly origin: Origin
  readonly method: string
  /**
   * Request line and header lines, each ended by CRLF, then the blank line: exactly what goes out
   * before the body (Latin-1). The caller sets host, content-length or transfer-encoding. With a
   * proxy and an http target the client rewrites the request line to absolute-form.
   */
  readonly head: string
  /** A stream is sent as it comes; `chunked` says whether each part gets chunk framing. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  readonly chunked: boolean
  /** From now to the last byte of the answer. */
  readonly timeoutUs: number
  readonly maxBodyBytes: number
}

/**
 * What came back, or why nothing did. Belongs to the caller; head and body become strings and
 * objects only when asked for.
 */
export interface Answer extends Timings {
  /**
   * Failure below HTTP, undefined when a complete answer came. Low cardinality, in words:
   * 'connection refused', 'name not resolved', 'connection reset', 'closed early', 'timeout',
   * 'connect timeout', 'tls: certificate has expired', 'invalid answer: chunk size',
   * 'head too large', 'body too large', 'refused by the safety guard', 'aborted' ...
   */
  readonly failure: string | undefined
  /** 0 when no complete head came. With a failure after the head it is the status seen. */
  readonly status: number
  readonly statusText: string
  /** Value of a header (lower-case name), several lines joined with ', '. */
  header(lowerCaseName: string): string | undefined
  /** All lines of a header, in order. */
  headerLines(lowerCaseName: string): readonly string[]
  /** All header lines in order, names as sent. */
  headerEntries(): readonly (readonly [name: string, value: string])[]
  /** True when a set-cookie line came: found while parsing, costs nothing to ask. */
  readonly setsCookies: boolean
  /** Body as sent (still gzip etc. when content-encoding says so). */
  readonly rawBody: Uint8Array
  /**
   * Body decoded by its content-encoding, once; throws when it is not what it declares or is larger
   * than maxBodyBytes.
   */
  body(): Uint8Array
  /** Real start: when `exchange` was called. µs since run start. */
  readonly startedAtUs: number
  readonly endedAtUs: number
  /**
   * 1 when the request was sent a second time, on a fresh connection, because the server had closed
   * the reused one before a byte of the answer came (RFC 9112 9.3.1: idempotent methods only); else
   * 0. The times cover both attempts.
   */
  readonly retries: number
  /** On the wire of this exchange, heads and framing included, TLS overhead not. */
  readonly bytesIn: number
  readonly bytesOut: number
}

/** Performs and times exchanges over connections it keeps. One per virtual user, or one shared. */
export interface ExchangeClient {
  /** Calls `done` exactly once and never synchronously inside `exchange`; 'aborted' once closed. */
  exchange(request: ExchangeRequest, done: (answer: Answer) => void): void
  /** Ends all connections; exchanges under way are done with failure 'aborted'. */
  close(): void
}
