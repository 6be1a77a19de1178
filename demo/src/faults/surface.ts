import type { DatabaseAddress } from '../kit/data/database.ts'
import type { SettingValues } from '../kit/settings.ts'
import type { ClusterPolicy, Routing } from '../proxy/contract.ts'
import type { AutoscalerSettings } from '../scaling/contract.ts'
import type { PeerAddresses } from '../protocol.ts'
import type { ServiceName } from '../services.ts'

/** Undoes one change; others that overlap stay. Resolves when it is undone. */
export type Restore = () => Promise<void>

/** Which processes of a service are meant; all of them, those to come included, by default. */
export interface ServiceTarget {
  readonly service: ServiceName
  readonly version?: string
  /** 0 is the oldest running process of the service. */
  readonly replica?: number
}

/** What differs at a proxy. `to` names another service: how its calls to it are made (--mesh). */
export interface ProxyChange {
  readonly inbound?: Partial<ClusterPolicy>
  readonly outbound?: { readonly to: ServiceName; readonly policy: Partial<ClusterPolicy> }
  readonly cpuCores?: number
  readonly requestsPerSecondMax?: number
}

export interface ActorOptions {
  readonly name: string
  /** Forked with `args` as JSON in its first argument; says { kind: 'ready', ... } over IPC. */
  readonly module: URL
  readonly args: Readonly<Record<string, unknown>>
}

/** A process that a fault needs: a noisy job, a name server. */
export interface Actor {
  /** What it said when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>
  readonly pid: number
  stop(): Promise<void>
}

/** Everything a fault may do to a shop. Changes resolve when the processes concerned have them. */
export interface FaultSurface {
  changeService(target: ServiceTarget, values: SettingValues): Promise<Restore>
  changeProxy(service: ServiceName | 'ingress', change: ProxyChange): Promise<Restore>
  /** Mutual TLS between all proxies on or off. */
  changeTls(mutualTls: boolean): Promise<Restore>
  changeRouting(service: ServiceName, routing: Routing): Promise<Restore>
  /** Runs so many processes of a service, with a proxy before them when there is more than one. */
  scale(service: ServiceName, replicas: number): Promise<Restore>
  /** From now on a proxy stands before the service, for good. */
  ensureProxy(service: ServiceName): Promise<void>
  /** Starts an autoscaler for the service, or changes the one it has. */
  autoscale(service: ServiceName, settings: Partial<AutoscalerSettings>): Promise<Restore>
  startActor(options: ActorOptions): Promise<Actor>
  readonly database: DatabaseAddress
  /** Those that run now; with a mesh one before each service but the bank, and the ingress. */
  readonly proxies: readonly (ServiceName | 'ingress')[]
  /** How services reach each other now: what a name server would answer. */
  readonly peers: PeerAddresses
}
