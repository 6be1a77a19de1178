import type { DatabaseAddress } from './kit/database.ts'
import type { ShopSecrets } from './kit/service.ts'

/** From the shop to a service, once all services listen and the database runs. */
export interface Configure {
  readonly kind: 'configure'
  /** Origins by service name. */
  readonly urls: Readonly<Record<string, string>>
  readonly database: DatabaseAddress
  readonly secrets: ShopSecrets
}

/** From a service to the shop: first 'listening', then 'ready'; or 'failed' and the end. */
export type FromService =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'ready' }
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

/** To a parent that forked demo/src/main.ts, once every service answers. */
export interface ShopReady {
  readonly ready: true
  /** The gateway's origin. */
  readonly url: string
  /** The origin of pre-signed upload URLs: requests to it leave the gateway's origin. */
  readonly storageUrl: string
  readonly services: readonly {
    readonly name: string
    readonly url: string
    readonly pid: number
  }[]
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
