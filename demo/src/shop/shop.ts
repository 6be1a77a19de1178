import { exportJWK, generateKeyPair } from 'jose'
import { controlRoutes } from '../control/routes.ts'
import { ControlServer } from '../control/server.ts'
import { endCluster } from '../database/end-cluster.ts'
import { DatabaseExporter } from '../database/exporter.ts'
import { mustAnswer } from '../database/must-answer.ts'
import { FaultBoard } from '../faults/board.ts'
import { faults } from '../faults/catalogue.ts'
import { parseFault } from '../faults/parameters.ts'
import type { DatabaseAddress } from '../kit/data/database.ts'
import type { ShopSecrets } from '../kit/service.ts'
import type { FromKeeper, ShopProcess, ShopReady } from '../protocol.ts'
import type { ServiceName } from '../services.ts'
import { Autoscaling } from './autoscaling.ts'
import { Child } from './child.ts'
import { Fleet } from './fleet/fleet.ts'
import { portInUse } from './fleet/instance.ts'
import type { ShopOptions } from './options.ts'
import { faultSurface } from './surface.ts'

interface OpenDatabase {
  readonly address: DatabaseAddress
  readonly own?: ShopReady['database']
}

/** Longer than both shutdown tries of PostgreSQL. */
const databaseStopMs = 15_000

/** All processes of the shop, from the first fork to the last exit. */
export class Shop {
  readonly #options: ShopOptions
  readonly #onCrash: (message: string) => void
  readonly #fleet: Fleet
  readonly #autoscaling: Autoscaling
  readonly #crashed = Promise.withResolvers<never>()
  #keeper: Child | undefined
  #keeperFolder: string | undefined
  #board: FaultBoard | undefined
  #control: ControlServer | undefined
  #exporter: DatabaseExporter | undefined
  #started = false
  #stopping: Promise<void> | undefined

  /** `onCrash` is called once when a process of a running shop ended by itself. */
  constructor(options: ShopOptions, onCrash: (message: string) => void) {
    this.#options = options
    this.#onCrash = onCrash
    const onExit = (child: Child) => this.#onExit(child)
    const { gatewayPort, mesh, mutualTls, canaryPercent, networkDelayMs, telemetry } = options
    this.#fleet = new Fleet({
      ...{ gatewayPort, mesh, mutualTls, canaryPercent, networkDelayMs, telemetry },
      replicas: options.replicas,
      onCrash: onExit,
      onChange: () => this.#autoscaling.tell(),
    })
    this.#autoscaling = new Autoscaling({ fleet: this.#fleet, onExit })
  }

  /**
   * Resolves when every service answers; rejects, with the reason, when one cannot. Never settles
   * when stop() is called meanwhile.
   */
  async start(): Promise<ShopReady> {
    const starting = this.#startAll()
    // When a process crashes, what waits for it fails too, and nobody asks any more.
    starting.catch(() => undefined)
    const ready = await Promise.race([starting, this.#crashed.promise])
    this.#started = true
    return ready
  }

  async #startAll(): Promise<ShopReady> {
    const [database, secrets] = await Promise.all([
      this.#openDatabase(),
      makeSecrets(),
      this.#fleet.listen(),
    ])
    await this.#fleet.open({
      database: database.address,
      of: service => secrets[service] ?? {},
    })
    const controlUrl = await this.#openControl(database.address)
    await this.#begin()
    return {
      ready: true,
      url: this.#fleet.url,
      storageUrl: this.#fleet.of('storage')[0]?.url ?? '',
      controlUrl,
      services: this.#processes(),
      ...(database.own && { database: database.own }),
    }
  }

  /** The front first, the database last. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    await this.#control?.stop()
    await this.#exporter?.end()
    await this.#autoscaling.stop()
    await this.#fleet.stop()
    // Actors of faults that are still set; their changes went with the processes they changed.
    await this.#board?.clearAll().catch((error: unknown) => console.error(String(error)))
    await this.#keeper?.stop({ by: 'disconnect', withinMs: databaseStopMs })
    // The keeper does this itself, unless it was killed.
    if (this.#keeperFolder !== undefined) await endCluster(this.#keeperFolder)
  }

  async #openControl(database: DatabaseAddress): Promise<string> {
    const { controlPort, mesh, mutualTls, networkDelayMs } = this.#options
    const fleet = this.#fleet
    const onActorEnd = (child: Child) => this.#onExit(child)
    const surface = faultSurface({ fleet, autoscaling: this.#autoscaling, database, onActorEnd })
    const exporter = new DatabaseExporter(database)
    this.#exporter = exporter
    const board = new FaultBoard({ faults, surface, mesh, nowUnixMs: Date.now })
    this.#board = board
    this.#control = new ControlServer(
      controlRoutes({
        board,
        processes: () => this.#processes(),
        facts: () => ({ url: fleet.url, mesh, mutualTls: mesh && mutualTls, networkDelayMs }),
        resetStock: () => this.#resetStock(),
        databaseMetrics: () => exporter.metrics(),
      }),
    )
    try {
      return await this.#control.listen(controlPort)
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      throw isTaken ? portInUse(controlPort, 'control-port') : error
    }
  }

  /** What was asked for on the command line: autoscalers, and faults from the start. */
  async #begin(): Promise<void> {
    for (const [service, settings] of Object.entries(this.#options.autoscale)) {
      await this.#autoscaling.add(service as ServiceName, settings)
    }
    for (const fault of this.#options.faults) await this.#board?.set(parseFault(fault))
  }

  async #resetStock(): Promise<void> {
    const inventory = this.#fleet.of('inventory')[0]
    const answer = await fetch(`${inventory?.url}/stock/reset`, { method: 'POST' })
    if (!answer.ok) throw new Error(`inventory answered ${answer.status}: ${await answer.text()}`)
  }

  #processes(): ShopProcess[] {
    const services = this.#fleet.instances
      .filter(one => one.isReady)
      .map(({ service, id, version, url, pid }): ShopProcess => {
        const metricsUrl = service === 'bank' ? '' : `${url}/metrics`
        return { name: service, kind: 'service', id, version, url, metricsUrl, pid }
      })
    const proxies = this.#fleet.proxies.map(
      ({ name, id, inboundUrl, adminUrl, pid }): ShopProcess => {
        const metricsUrl = `${adminUrl}/stats/prometheus`
        return { name, kind: 'proxy', id, version: 'stable', url: inboundUrl, metricsUrl, pid }
      },
    )
    const scaler = this.#autoscaling.process
    const autoscaler: ShopProcess[] = scaler
      ? [
          {
            ...{ name: 'autoscaler', kind: 'autoscaler', id: 'autoscaler', version: 'stable' },
            ...{ url: new URL(scaler.metricsUrl).origin, ...scaler },
          },
        ]
      : []
    return [...services, ...proxies, ...autoscaler]
  }

  async #openDatabase(): Promise<OpenDatabase> {
    const { databaseUrl } = this.#options
    if (databaseUrl !== undefined) {
      await mustAnswer(databaseUrl)
      return { address: { connectionString: databaseUrl } }
    }
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
    const said = child.lastLines.length === 0 ? '' : `; it said:\n${child.lastLines.join('\n')}`
    const message = `${child.name} ended by itself (${child.end ?? 'unknown'})${said}`
    if (this.#started) this.#onCrash(message)
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
