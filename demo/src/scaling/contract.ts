/** The rules of a horizontal autoscaler; names and defaults are those of Kubernetes' HPA. */
export interface AutoscalerSettings {
  readonly minReplicas: number
  readonly maxReplicas: number
  /**
   * 'cpu': used CPU of a replica as a share of cpuRequestCores. 'queue': messages that wait in the
   * service's queue, per replica. 'memory': resident bytes as a share of 256 MiB.
   */
  readonly metric: 'cpu' | 'queue' | 'memory'
  /** What the metric is to be: a share for cpu and memory (0.5), a count for queue. */
  readonly target: number
  readonly cpuRequestCores: number
  /** How often the metric is looked at. */
  readonly syncMs: number
  /** No change while the metric is within this share of the target. */
  readonly toleranceRatio: number
  /** From the decision to a process that takes requests, besides its own start. */
  readonly startDelayMs: number
  /** The lowest recommendation of this time is not undercut (scale-down stabilisation). */
  readonly downscaleStabilisationMs: number
  /** A replica younger than this counts as unready, its CPU is not looked at. */
  readonly initialReadinessMs: number
}

export const autoscalerDefaults: AutoscalerSettings = {
  minReplicas: 1,
  maxReplicas: 4,
  metric: 'cpu',
  target: 0.6,
  cpuRequestCores: 0.25,
  syncMs: 15_000,
  toleranceRatio: 0.1,
  startDelayMs: 5_000,
  downscaleStabilisationMs: 300_000,
  initialReadinessMs: 30_000,
}

/** One replica as the shop sees it. */
export interface ReplicaState {
  readonly id: string
  readonly metricsUrl: string
  readonly pid: number
  readonly createdAtUnixMs: number
  /** Undefined while it is starting. */
  readonly readyAtUnixMs?: number
}

/** From the shop to its autoscaler process: all of it again whenever any of it changes. */
export interface ToAutoscaler {
  readonly kind: 'scaled'
  readonly services: readonly {
    readonly service: string
    readonly settings: AutoscalerSettings
    readonly replicas: readonly ReplicaState[]
  }[]
}

/** From the autoscaler: 'listening' once, then what it wants; the shop does it. */
export type FromAutoscaler =
  | { readonly kind: 'listening'; readonly metricsUrl: string }
  | { readonly kind: 'desired'; readonly service: string; readonly replicas: number }
