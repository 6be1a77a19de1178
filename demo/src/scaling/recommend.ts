/** What is known of one replica when its number is decided. */
export interface ReplicaSample {
  /** Used share of what the replica may use (1 is all of it); undefined: no number came. */
  readonly used: number | undefined
  /** Counts for the metric; a replica that is starting or was ready only just now does not. */
  readonly ready: boolean
}

/** What the metric asks for, before limits of any kind. */
export interface Recommendation {
  /** Undefined: nothing can be said, so nothing is changed. */
  readonly replicas: number | undefined
  /** What the metric is now, in the unit of the target; undefined when nothing was measured. */
  readonly current: number | undefined
}

export interface Wanted {
  readonly target: number
  readonly toleranceRatio: number
  /** Replicas that are asked for now, running or starting. */
  readonly currentReplicas: number
}

/**
 * The number of replicas that brings the mean use to the target, after HPA's replica calculator
 * (kubernetes/pkg/controller/podautoscaler/replica_calculator.go): ceil(replicas x use / target)
 * over the ready ones; no change within the tolerance. What is not known is taken so that it damps
 * the change: a replica without a number uses all of its request when the others ask for fewer,
 * nothing when they ask for more; a replica that is not ready uses nothing when they ask for more.
 */
export function recommendByUse(samples: readonly ReplicaSample[], wanted: Wanted): Recommendation {
  const { target, currentReplicas } = wanted
  const unready = samples.filter(sample => !sample.ready)
  const missing = samples.filter(sample => sample.ready && sample.used === undefined)
  const known = samples.flatMap(({ ready, used }) => (ready && used !== undefined ? [used] : []))
  if (known.length === 0) return { replicas: undefined, current: undefined }
  const current = wholePercent(mean(known))
  const ratio = current / target
  const isWithin = (one: number) => Math.abs(one - 1) <= wanted.toleranceRatio + rounding
  const upWithUnready = unready.length > 0 && ratio > 1
  if (!upWithUnready && missing.length === 0) {
    const replicas = isWithin(ratio) ? currentReplicas : ceiling(ratio * known.length)
    return { replicas, current }
  }
  const assumed = [...known]
  if (ratio < 1) assumed.push(...missing.map(() => Math.max(1, target)))
  if (ratio > 1) assumed.push(...missing.map(() => 0))
  if (upWithUnready) assumed.push(...unready.map(() => 0))
  const damped = wholePercent(mean(assumed)) / target
  const turns = (ratio < 1 && damped > 1) || (ratio > 1 && damped < 1)
  if (isWithin(damped) || turns) return { replicas: currentReplicas, current }
  const replicas = ceiling(damped * assumed.length)
  const contradicts =
    (damped < 1 && replicas > currentReplicas) || (damped > 1 && replicas < currentReplicas)
  return { replicas: contradicts ? currentReplicas : replicas, current }
}

/**
 * The same for one number that all replicas share, such as a queue's waiting messages: as many
 * replicas as make it `target` for each (HPA's external metric with an average value).
 */
export function recommendByTotal(total: number | undefined, wanted: Wanted): Recommendation {
  const { target, toleranceRatio, currentReplicas } = wanted
  if (total === undefined) return { replicas: undefined, current: undefined }
  const current = currentReplicas === 0 ? total : total / currentReplicas
  const ratio = current / target
  const keeps = Math.abs(ratio - 1) <= toleranceRatio + rounding
  return { replicas: keeps ? currentReplicas : ceiling(total / target), current }
}

/** Far below what one replica more or less is about; keeps 3 x 0.1 / 0.1 from becoming 4. */
const rounding = 1e-9

const ceiling = (value: number) => Math.max(0, Math.ceil(value - rounding))

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** HPA counts utilisation in whole percent, rounded down. */
const wholePercent = (share: number) => Math.floor(share * 100 + rounding) / 100
