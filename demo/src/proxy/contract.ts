/**
 * What the shop tells a proxy process, and what it answers. One program in three places: before a
 * service with several processes, beside every service with --mesh (both directions), and before
 * the gateway with --mesh. Words and defaults are Envoy's where it has them.
 */

/** One process behind the proxy. */
export interface Endpoint {
  /** 'catalog-1'. */
  readonly id: string
  readonly url: string
  readonly version: string
}

/** Which version answers a request. Versions without endpoints get nothing. */
export interface Routing {
  /** Shares by version; only their proportions count. A version that is missing has 0. */
  readonly weights: Readonly<Record<string, number>>
  /** A request with this header value goes to this version, whatever the weights. */
  readonly byHeader?: {
    readonly name: string
    readonly versions: Readonly<Record<string, string>>
  }
}

export type RetryOn =
  'connect-failure' | 'reset' | 'gateway-error' | '5xx' | 'per-try-timeout' | 'retriable-4xx'

/** How one cluster (the endpoints of one service) is called. */
export interface ClusterPolicy {
  readonly connectTimeoutMs: number
  /** For all tries together; 0: none. */
  readonly requestTimeoutMs: number
  /** For one try; 0: as requestTimeoutMs. */
  readonly perTryTimeoutMs: number
  /** Further tries after the first. */
  readonly retriesMax: number
  readonly retryOn: readonly RetryOn[]
  /** Methods that may be tried again. */
  readonly retryMethods: readonly string[]
  /** Open retries may be this share of open requests (Envoy's retry budget); -1: any number. */
  readonly retryBudgetRatio: number
  /** Open retries that are always allowed. */
  readonly retryBudgetMin: number
  /** Base of the jittered exponential pause before a further try; 0: none. */
  readonly retryPauseMs: number
  /** Circuit breaker: open connections, requests waiting for one, open requests. */
  readonly connectionsMax: number
  readonly pendingMax: number
  readonly requestsMax: number
  /** A connection is closed after so many requests; 0: never. */
  readonly requestsPerConnectionMax: number
  /** TLS sessions may be resumed by new connections. */
  readonly tlsSessionReuse: boolean
  /**
   * 'per-connection' is no choice of Envoy's for HTTP but what a balancer of TCP connections does:
   * all requests of one connection go to the endpoint that the first one went to.
   */
  readonly balancing: 'least-request' | 'round-robin' | 'random' | 'ring-hash' | 'per-connection'
  /** Header that ring-hash balances by. */
  readonly hashHeader: string
  readonly outlier: OutlierDetection
}

export interface OutlierDetection {
  /** Ejected after so many 5xx in a row; 0: never. */
  readonly consecutive5xx: number
  /** First ejection; the n-th lasts n times as long. */
  readonly baseEjectionMs: number
  /** At most this share of the endpoints is ejected, 0..1 (at least one may always be). */
  readonly ejectedRatioMax: number
  /** With fewer healthy endpoints than this share, all get requests again, 0..1. */
  readonly panicRatio: number
}

/** The whole of what a proxy is to do. Sent again whenever any of it changes. */
export interface ProxyConfig {
  readonly kind: 'config'
  /** CPU cores this process may use; 0: as many as it likes. */
  readonly cpuCores: number
  /**
   * Calls to the proxies of other services use mutual TLS. The inbound listener of a proxy with a
   * certificate takes both on one port, whatever this says: it looks at the first byte (Istio's
   * PERMISSIVE mode), so that the proxies of a shop can be switched one after the other.
   */
  readonly mutualTls: boolean
  /** One JSON line a request on stdout. @default false */
  readonly accessLog?: boolean
  readonly inbound: {
    /**
     * For the ingress: the endpoints are the proxy of this service ('gateway'), and are called as
     * those of other services are, over mutual TLS if `mutualTls` says so. Absent: the endpoints
     * are the service's own processes, called in plain HTTP.
     */
    readonly toService?: string
    readonly endpoints: readonly Endpoint[]
    readonly routing: Routing
    readonly policy: ClusterPolicy
    /** Requests a second let through (token bucket, burst of one second); 0: no limit. Else 429. */
    readonly requestsPerSecondMax: number
  }
  /** Other services by name: the origin of the inbound listener of their proxy. */
  readonly outbound: Readonly<
    Record<string, { readonly url: string; readonly policy: ClusterPolicy }>
  >
}

/**
 * The name of a proxy, sent once, as the first message, and what proves it. The listener for calls
 * in demands a certificate of the shop's authority from whoever comes with TLS.
 */
export interface ProxyIdentity {
  readonly kind: 'identity'
  /** Name of the service, or 'ingress'. */
  readonly service: string
  /** Port of the inbound listener; 0 takes a free one. */
  readonly port: number
  /** The service's certificate, its key and the shop's authority; absent without --mesh. */
  readonly certificate?: ProxyCertificate
}

/** PEM texts; `authority.ts` makes them. */
export interface ProxyCertificate {
  readonly certificatePem: string
  readonly keyPem: string
  readonly authorityPem: string
}

/** A config that carries an `id` is answered with 'changed' and the same id. */
export type ToProxy = ProxyIdentity | (ProxyConfig & { readonly id?: number })

/**
 * From a proxy: 'listening' after its identity, 'ready' after its first config, 'changed' after
 * each config with an id (the first one too). A config that cannot be used leaves the old one in
 * force and is told with its reason.
 */
export type FromProxy =
  | {
      readonly kind: 'listening'
      readonly inboundUrl: string
      readonly outboundUrl: string
      readonly adminUrl: string
    }
  | { readonly kind: 'ready' }
  | { readonly kind: 'changed'; readonly id: number; readonly error?: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
