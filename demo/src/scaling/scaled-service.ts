import { Behaviour, type Limit } from './behaviour.ts'
import type { ReplicaState, ToAutoscaler } from './contract.ts'
import { recommendByTotal, recommendByUse, type Recommendation } from './recommend.ts'
import { usedShare, waitingMessages, type Reading } from './replica-metrics.ts'

export type ScaledState = ToAutoscaler['services'][number]

/** A change of the number of replicas, and why. */
export interface Rescale {
  readonly atMs: number
  readonly from: number
  readonly to: number
  readonly reason: string
}

/** What the last look at a service came to; shown as metrics. */
export interface Verdict {
  readonly desiredReplicas: number
  /** The metric in the unit of its target; undefined when it is not known. */
  readonly current: number | undefined
  readonly limitedBy: Limit | undefined
}

/** One service that is scaled: its state as the shop told it, and what was decided before. */
export class ScaledService {
  state: ScaledState
  verdict: Verdict
  readonly #behaviour = new Behaviour()
  readonly #before = new Map<string, Reading>()
  #last: Rescale | undefined

  constructor(state: ScaledState) {
    this.state = state
    this.verdict = {
      desiredReplicas: state.replicas.length,
      current: undefined,
      limitedBy: undefined,
    }
  }

  /** Another state from the shop; a different number of replicas opens the way for new events. */
  update(state: ScaledState): void {
    if (state.replicas.length !== this.state.replicas.length) this.#last = undefined
    this.state = state
    const ids = new Set(state.replicas.map(replica => replica.id))
    for (const id of this.#before.keys()) if (!ids.has(id)) this.#before.delete(id)
  }

  /** Replicas whose CPU has never been read: the first use is measured from here. */
  unread(): readonly ReplicaState[] {
    return this.state.replicas.filter(({ id, readyAtUnixMs }) => {
      return readyAtUnixMs !== undefined && !this.#before.has(id)
    })
  }

  remember(id: string, reading: Reading | undefined): void {
    if (reading !== undefined) this.#before.set(id, reading)
  }

  /**
   * One sync with what every replica said now. Returns the change that is to be made; the same
   * change is returned only once until the shop has another number of replicas.
   */
  sync(readings: ReadonlyMap<string, Reading | undefined>, nowMs: number): Rescale | undefined {
    const { settings, replicas } = this.state
    const from = replicas.length
    this.#behaviour.begin(from, nowMs)
    const asked = this.#recommend(readings, nowMs)
    for (const [id, reading] of readings) this.remember(id, reading)
    const outside = outsideLimits(from, settings)
    const recommended = outside?.replicas ?? asked.replicas
    if (recommended === undefined) {
      this.verdict = { ...this.verdict, desiredReplicas: from, current: asked.current }
      return undefined
    }
    const decision =
      outside ?? this.#behaviour.decide({ recommended, currentReplicas: from, nowMs, settings })
    const { replicas: to, limitedBy } = decision
    this.verdict = { desiredReplicas: to, current: asked.current, limitedBy }
    if (to === from) return undefined
    const rescale = { atMs: nowMs, from, to, reason: outside?.reason ?? this.#why(from, to) }
    if (this.#last?.from === from && this.#last.to === to) return undefined
    this.#last = rescale
    this.#behaviour.changed({ from, to, nowMs })
    return rescale
  }

  #recommend(readings: ReadonlyMap<string, Reading | undefined>, nowMs: number): Recommendation {
    const { settings, replicas } = this.state
    const { target, toleranceRatio, metric } = settings
    const wanted = { target, toleranceRatio, currentReplicas: replicas.length }
    if (metric === 'queue') return recommendByTotal(waitingMessages(readings.values()), wanted)
    const samples = replicas.map(replica => {
      const before = this.#before.get(replica.id)
      const now = readings.get(replica.id)
      const used = usedShare(settings, { before, now })
      return { used, ready: this.#counts(replica, { before, nowMs }) }
    })
    return recommendByUse(samples, wanted)
  }

  /**
   * A replica that takes no requests yet does not count. For CPU neither does one that is young or
   * was not ready through the whole time that was measured: what it used was its own start.
   */
  #counts(
    { createdAtUnixMs, readyAtUnixMs }: ReplicaState,
    at: { readonly before: Reading | undefined; readonly nowMs: number },
  ): boolean {
    const { metric, initialReadinessMs } = this.state.settings
    if (readyAtUnixMs === undefined) return false
    if (metric !== 'cpu') return true
    if (at.nowMs - createdAtUnixMs < initialReadinessMs) return false
    return at.before === undefined || at.before.atMs >= readyAtUnixMs
  }

  /** The sentences of HPA's events. */
  #why(from: number, to: number): string {
    const { metric } = this.state.settings
    const name = metric === 'queue' ? 'external metric messaging_queue_depth' : `${metric} resource`
    const shown = metric === 'queue' ? name : `${name} utilization (percentage of request)`
    return to > from ? `${shown} above target` : 'All metrics below target'
  }
}

function outsideLimits(
  replicas: number,
  { minReplicas, maxReplicas }: ScaledState['settings'],
): { readonly replicas: number; readonly reason: string; readonly limitedBy: Limit } | undefined {
  if (replicas > maxReplicas) {
    const reason = 'Current number of replicas above Spec.MaxReplicas'
    return { replicas: maxReplicas, reason, limitedBy: 'TooManyReplicas' }
  }
  if (replicas < minReplicas) {
    const reason = 'Current number of replicas below Spec.MinReplicas'
    return { replicas: minReplicas, reason, limitedBy: 'TooFewReplicas' }
  }
  return undefined
}
