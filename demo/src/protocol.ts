import type { DatabaseAddress } from './kit/data/database.ts'
import type { ShopSecrets } from './kit/service.ts'
import type { SettingValues } from './kit/settings.ts'

/** Where another service is reached. */
export interface PeerAddress {
  /** Origin of the service, of the proxy before it, or of the caller's own sidecar. */
  readonly url: string
  /** What to send as `host` when a sidecar stands at the url: the name of the service asked for. */
  readonly authority?: string
}

export type PeerAddresses = Readonly<Record<string, PeerAddress>>

/** What the processes of one shop are to tell about themselves, and to whom. */
export interface TelemetryOptions {
  /** OTLP/HTTP endpoint without '/v1/traces'; undefined: no traces are made. */
  readonly otlpUrl?: string | undefined
  /** Share of new traces that are kept, 0..1; a caller's sampled flag decides over it. */
  readonly sampleRatio: number
  /** Send and read B3 headers besides W3C's. */
  readonly b3: boolean
  /** One JSON line a request on stdout. */
  readonly requestLog: boolean
}

/** One process of a service. */
export interface InstanceIdentity {
  /** 'catalog-1': unique in the shop, never used twice. */
  readonly id: string
  /** Sent as x-upstream-version. */
  readonly version: string
}

/** From the shop to a service, once all services listen and the database runs. */
export interface Configure {
  readonly kind: 'configure'
  readonly identity: InstanceIdentity
  readonly peers: PeerAddresses
  readonly database: DatabaseAddress
  readonly secrets: ShopSecrets
  readonly telemetry: TelemetryOptions
  readonly settings: SettingValues
}

/** From the shop to a service that runs, with an `id` that its answer repeats. */
export type ChangeService =
  /** What differs from the service's own settings now; the rest is as it was at the start. */
  | { readonly kind: 'settings'; readonly values: SettingValues }
  | { readonly kind: 'peers'; readonly peers: PeerAddresses }

/**
 * From a service to the shop: 'listening', 'ready', then 'changed' for each change; or 'failed' and
 * the end.
 */
export type FromService =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'changed'; readonly id: number; readonly error?: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

/** From the database keeper to the shop. */
export type FromKeeper =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'started'
      readonly postgresPid: number
      readonly address: DatabaseAddress
    }
  | { readonly kind: 'failed'; readonly message: string }

/** One process of the shop, as others see it. */
export interface ShopProcess {
  /** The service's name; several processes may share it. */
  readonly name: string
  readonly kind: 'service' | 'proxy' | 'autoscaler'
  /** 'catalog-1', 'catalog-proxy'. */
  readonly id: string
  readonly version: string
  readonly url: string
  /** Where Prometheus reads its numbers. */
  readonly metricsUrl: string
  readonly pid: number
}

/** To a parent that forked demo/src/main.ts, once every service answers. */
export interface ShopReady {
  readonly ready: true
  /** The gateway's origin, or that of the gateway proxy before it. */
  readonly url: string
  /** The origin of pre-signed upload URLs: requests to it leave the gateway's origin. */
  readonly storageUrl: string
  /** Faults, topology, stock, metrics: see demo/README.md. */
  readonly controlUrl: string
  readonly services: readonly ShopProcess[]
  /** Absent when SHOP_DATABASE_URL is used. The folder is deleted when the shop ends. */
  readonly database?: {
    readonly keeperPid: number
    readonly postgresPid: number
    readonly folder: string
  }
}

/** To the same parent when the shop could not start; the process then ends with code 1. */
export interface ShopFailed {
  readonly ready: false
  readonly error: string
}
