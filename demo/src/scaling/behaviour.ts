import type { AutoscalerSettings } from './contract.ts'

interface Change {
  readonly atMs: number
  readonly added: number
}

export type Limit = 'TooManyReplicas' | 'TooFewReplicas' | 'ScaleUpLimit' | 'ScaleDownStabilized'

export interface Decision {
  readonly replicas: number
  /** What kept it from the recommendation; undefined when nothing did. */
  readonly limitedBy: Limit | undefined
}

export interface Asked {
  readonly recommended: number
  readonly currentReplicas: number
  readonly nowMs: number
  readonly settings: Pick<
    AutoscalerSettings,
    'minReplicas' | 'maxReplicas' | 'downscaleStabilisationMs' | 'syncMs'
  >
}

/** HPA's default policy upwards: in 15 s at most 4 pods more, or twice as many if that is more. */
const upPods = 4
const upFactor = 2

/**
 * How fast a recommendation is followed: HPA's default behaviour. Upwards at once, but no more than
 * the policy allows in one period; downwards to the highest recommendation of the stabilisation
 * time. The policy's period is 15 s there, as long as a sync period; here it is one sync period, so
 * that shortened times shorten it too.
 */
export class Behaviour {
  #recommendations: { readonly atMs: number; readonly replicas: number }[] = []
  #changes: Change[] = []
  #hasBegun = false

  /** To be called at each look: what there was at the first one counts as recommended then. */
  begin(currentReplicas: number, nowMs: number): void {
    if (!this.#hasBegun) this.#recommendations.push({ atMs: nowMs, replicas: currentReplicas })
    this.#hasBegun = true
  }

  decide({ recommended, currentReplicas, nowMs, settings }: Asked): Decision {
    const { minReplicas, maxReplicas, downscaleStabilisationMs, syncMs } = settings
    this.begin(currentReplicas, nowMs)
    const stableFromMs = nowMs - downscaleStabilisationMs
    this.#recommendations = this.#recommendations.filter(({ atMs }) => atMs > stableFromMs)
    this.#recommendations.push({ atMs: nowMs, replicas: recommended })
    const highest = Math.max(...this.#recommendations.map(({ replicas }) => replicas))
    const stable = recommended > currentReplicas ? recommended : Math.min(highest, currentReplicas)
    if (stable > currentReplicas) {
      const upLimit = Math.max(this.#upLimit(currentReplicas, nowMs - syncMs), currentReplicas)
      const most = Math.min(maxReplicas, upLimit)
      const limitedBy = maxReplicas > upLimit ? 'ScaleUpLimit' : 'TooManyReplicas'
      if (stable > most) return { replicas: most, limitedBy }
    }
    if (stable < minReplicas) return { replicas: minReplicas, limitedBy: 'TooFewReplicas' }
    if (stable > maxReplicas) return { replicas: maxReplicas, limitedBy: 'TooManyReplicas' }
    const limitedBy = stable > recommended ? 'ScaleDownStabilized' : undefined
    return { replicas: stable, limitedBy }
  }

  /** To be told of each change that was made: the policy counts them. */
  changed(change: { readonly from: number; readonly to: number; readonly nowMs: number }): void {
    this.#changes.push({ atMs: change.nowMs, added: change.to - change.from })
  }

  #upLimit(currentReplicas: number, sinceMs: number): number {
    this.#changes = this.#changes.filter(({ atMs }) => atMs > sinceMs)
    const added = this.#changes.reduce((sum, change) => sum + change.added, 0)
    const atStart = currentReplicas - added
    return Math.max(atStart + upPods, Math.ceil(atStart * upFactor))
  }
}
