import { exportJWK, generateKeyPair } from 'jose'
import { Child } from './child.ts'
import { endCluster } from '../database/end-cluster.ts'
import type { DatabaseAddress } from '../kit/data/database.ts'
import type { ShopSecrets } from '../kit/service.ts'
import type { Configure, FromKeeper, FromService, ShopReady } from '../protocol.ts'
import { serviceNames, type ServiceName } from '../services.ts'

export interface ShopOptions {
  /** 0 takes a free one. */
  readonly gatewayPort: number
  /** A PostgreSQL of one's own; without it the shop starts one and deletes it at the end. */
  readonly databaseUrl?: string | undefined
  /** Called once when a process of a running shop ended by itself; the caller stops the shop. */
  readonly onCrash: (message: string) => void
}

interface Forked {
  readonly name: ServiceName
  readonly port: number
  readonly child: Child
}

interface OpenDatabase {
  readonly address: DatabaseAddress
  readonly own?: ShopReady['database']
}

/** Longer than any service's drainMs. */
const serviceStopMs = 6_000
/** Longer than both shutdown tries of PostgreSQL. */
const databaseStopMs = 15_000

/** All processes of the shop, from the first fork to the last exit. */
export class Shop {
  readonly #options: ShopOptions
  readonly #services = new Map<ServiceName, Child>()
  #keeper: Child | undefined
  #keeperFolder: string | undefined
  readonly #crashed = Promise.withResolvers<never>()
  #started = false
  #stopping: Promise<void> | undefined

  constructor(options: ShopOptions) {
    this.#options = options
  }

  /**
   * Resolves when every service answers; rejects, with the reason, when one cannot. Never settles
   * when stop() is called meanwhile.
   */
  async start(): Promise<ShopReady> {
    const ready = await Promise.race([this.#startAll(), this.#crashed.promise])
    this.#started = true
    return ready
  }

  async #startAll(): Promise<ShopReady> {
    const services = this.#forkServices()
    const [database, secrets, listening] = await Promise.all([
      this.#openDatabase(),
      makeSecrets(),
      Promise.all(services.map(listens)),
    ])
    const urls = Object.fromEntries(listening)
    const ready = Promise.all(services.map(isReady))
    const peers = Object.fromEntries(listening.map(([name, url]) => [name, { url }]))
    for (const { name, child } of services) {
      const configure: Configure = {
        kind: 'configure',
        identity: { id: `${name}-1`, version: 'stable' },
        peers,
        database: database.address,
        secrets: secrets[name] ?? {},
        telemetry: { sampleRatio: 1, b3: false, requestLog: false },
        settings: {},
      }
      child.send(configure)
    }
    await ready
    return {
      ready: true,
      url: urls['gateway'] ?? '',
      storageUrl: urls['storage'] ?? '',
      controlUrl: '',
      services: services.map(({ name, child }) => {
        const url = urls[name] ?? ''
        const pid = child.pid
        const process = { name, kind: 'service', id: `${name}-1`, version: 'stable' } as const
        return { ...process, url, metricsUrl: `${url}/metrics`, pid }
      }),
      ...(database.own && { database: database.own }),
    }
  }

  /** The gateway first, so that open requests find everything they need; the database last. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    const how = { by: 'signal', withinMs: serviceStopMs } as const
    await this.#services.get('gateway')?.stop(how)
    await Promise.all([...this.#services.values()].map(child => child.stop(how)))
    await this.#keeper?.stop({ by: 'disconnect', withinMs: databaseStopMs })
    // The keeper does this itself, unless it was killed.
    if (this.#keeperFolder !== undefined) await endCluster(this.#keeperFolder)
  }

  #forkServices(): Forked[] {
    return serviceNames.map(name => {
      const port = name === 'gateway' ? this.#options.gatewayPort : 0
      const child = new Child({
        name,
        module: new URL('../host.ts', import.meta.url),
        args: [name, String(port)],
        onExit: ended => this.#onExit(ended),
      })
      this.#services.set(name, child)
      return { name, port, child }
    })
  }

  async #openDatabase(): Promise<OpenDatabase> {
    const { databaseUrl } = this.#options
    if (databaseUrl !== undefined) return { address: { connectionString: databaseUrl } }
    const keeper = new Child({
      name: 'database',
      module: new URL('../database/keeper.ts', import.meta.url),
      detached: true,
      onExit: ended => this.#onExit(ended),
    })
    this.#keeper = keeper
    return keeper.first<FromKeeper, OpenDatabase>(message => {
      if (message.kind === 'failed') throw new Error(message.message)
      if (message.kind === 'folder') {
        this.#keeperFolder = message.folder
        return undefined
      }
      const { address, postgresPid } = message
      const folder = this.#keeperFolder ?? ''
      return { address, own: { keeperPid: keeper.pid, postgresPid, folder } }
    })
  }

  #onExit(child: Child): void {
    if (this.#stopping) return
    const message = `${child.name} ended by itself (${child.end ?? 'unknown'})`
    if (this.#started) this.#options.onCrash(message)
    else this.#crashed.reject(new Error(message))
  }
}

async function makeSecrets(): Promise<Partial<Record<ServiceName, ShopSecrets>>> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  return {
    auth: { signingKey: await exportJWK(privateKey) },
    gateway: { verifyKey: await exportJWK(publicKey) },
  }
}

/** Resolves with the service's name and origin. */
function listens(service: Forked): Promise<[ServiceName, string]> {
  return service.child.first<FromService, [ServiceName, string]>(message => {
    if (message.kind === 'failed') throw startFailure(service, message)
    return message.kind === 'listening' ? [service.name, message.url] : undefined
  })
}

function isReady(service: Forked): Promise<true> {
  return service.child.first<FromService, true>(message => {
    if (message.kind === 'failed') throw startFailure(service, message)
    return message.kind === 'ready' ? true : undefined
  })
}

function startFailure(
  { name, port }: Forked,
  failure: { readonly code: string; readonly message: string },
): Error {
  if (failure.code === 'EADDRINUSE') {
    return new Error(
      `port ${port} is in use: stop what listens there, or choose another, ` +
        `e.g. SHOP_PORT=${port + 1} npm run shop`,
    )
  }
  if (failure.code === 'ECONNREFUSED' || failure.code === 'ENOTFOUND') {
    return new Error(
      `${name} cannot reach the database (${failure.message}); see SHOP_DATABASE_URL`,
    )
  }
  return new Error(`${name} did not start: ${failure.message}`)
}
