import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseAddress } from '../../kit/data/database.ts'
import type { ShopSecrets } from '../../kit/service.ts'
import type { SettingValues } from '../../kit/settings.ts'
import type { Configure, FromService, PeerAddresses, TelemetryOptions } from '../../protocol.ts'
import type { ServiceName } from '../../services.ts'
import { Child } from '../child.ts'

/** Longer than any service's drainMs. */
const stopMs = 6_000

export interface InstanceOptions {
  readonly service: ServiceName
  readonly version: string
  /** 'catalog-1'. */
  readonly id: string
  /** 0 takes a free one. */
  readonly port: number
  readonly onExit: (child: Child) => void
}

/** What is told to an instance and may change while it runs. */
export interface Told {
  readonly peers: PeerAddresses
  readonly settings: SettingValues
}

/** One process of a service, from the decision that it is to be until its end. */
export class Instance {
  readonly service: ServiceName
  readonly version: string
  readonly id: string
  readonly createdAtUnixMs = Date.now()
  readyAtUnixMs: number | undefined
  /** It takes no new requests any more; its end is wanted. */
  leaving = false
  url = ''
  readonly #options: InstanceOptions
  readonly #cancelled = new AbortController()
  #child: Child | undefined
  #told: Told | undefined

  constructor(options: InstanceOptions) {
    this.#options = options
    this.service = options.service
    this.version = options.version
    this.id = options.id
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get isReady(): boolean {
    return this.readyAtUnixMs !== undefined && !this.leaving
  }

  /** Resolves once it listens, after `delayMs`; rejects when it cannot, or is stopped before. */
  async listen(delayMs = 0): Promise<void> {
    const { service, port, id, onExit } = this.#options
    if (delayMs > 0) await delay(delayMs, undefined, { signal: this.#cancelled.signal })
    this.#child = new Child({
      name: id,
      module: new URL('../../host.ts', import.meta.url),
      args: [service, String(port)],
      onExit,
    })
    this.url = await this.#child.first<FromService, string>(message => {
      if (message.kind === 'failed') throw this.#startFailure(message)
      return message.kind === 'listening' ? message.url : undefined
    })
  }

  /** Resolves once it answers requests; rejects when it cannot. */
  async configure(given: {
    readonly told: Told
    readonly database: DatabaseAddress
    readonly secrets: ShopSecrets
    readonly telemetry: TelemetryOptions
  }): Promise<void> {
    const { told, database, secrets, telemetry } = given
    const identity = { id: this.id, version: this.version }
    const configure: Configure = {
      ...{ kind: 'configure', identity, database, secrets, telemetry, ...told },
    }
    const ready = this.#child?.first<FromService, true>(message => {
      if (message.kind === 'failed') throw this.#startFailure(message)
      return message.kind === 'ready' ? true : undefined
    })
    this.#child?.send(configure)
    await ready
    this.#told = told
    this.readyAtUnixMs = Date.now()
  }

  /** Resolves once the running process has what differs from before; rejects when it refuses. */
  async tell(told: Told): Promise<void> {
    const before = this.#told
    if (!this.#child || !before) return
    this.#told = told
    if (!isSame(before.peers, told.peers)) {
      await this.#child.change({ kind: 'peers', peers: told.peers })
    }
    if (!isSame(before.settings, told.settings)) {
      try {
        await this.#child.change({ kind: 'settings', values: told.settings })
      } catch (error) {
        this.#told = { ...told, settings: before.settings }
        throw error
      }
    }
  }

  /** Resolves when its process has ended, or at once when there is none yet. */
  async stop(): Promise<void> {
    this.leaving = true
    this.#cancelled.abort()
    await this.#child?.stop({ by: 'signal', withinMs: stopMs })
  }

  #startFailure(failure: { readonly code: string; readonly message: string }): Error {
    const { port } = this.#options
    if (failure.code === 'EADDRINUSE') return portInUse(port)
    if (failure.code === 'ECONNREFUSED' || failure.code === 'ENOTFOUND') {
      return new Error(
        `${this.service} cannot reach the database (${failure.message}); see SHOP_DATABASE_URL`,
      )
    }
    return new Error(`${this.service} did not start: ${failure.message}`)
  }
}

export function portInUse(port: number, flag = 'port'): Error {
  return new Error(
    `port ${port} is in use: stop what listens there, or choose another, ` +
      `e.g. npm run shop -- --${flag} ${port + 10}`,
  )
}

/** Both are plain data with a fixed order of keys. */
export const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
