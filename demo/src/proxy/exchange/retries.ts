import type { ClusterPolicy } from '../contract.ts'
import type { Breakers } from '../cluster/breakers.ts'
import type { ClusterStats } from '../stats/cluster-stats.ts'

/** 'no-limit' and 'no-budget': another try was wanted, and is not made because of these. */
export type Decision = 'again' | 'final' | 'no-limit' | 'no-budget'

/**
 * The further tries of one request. Source: Envoy, "Router": x-envoy-retry-on, x-envoy-max-retries
 * and the jittered exponential pause.
 */
export class Retries {
  readonly #policy: ClusterPolicy
  readonly #breakers: Breakers
  readonly #stats: ClusterStats
  readonly #random: () => number
  #made = 0
  #holdsPlace = false

  constructor(options: {
    readonly policy: ClusterPolicy
    readonly breakers: Breakers
    readonly stats: ClusterStats
    /** In [0, 1). */
    readonly random: () => number
  }) {
    this.#policy = options.policy
    this.#breakers = options.breakers
    this.#stats = options.stats
    this.#random = options.random
  }

  /** To be asked after each try; `wanted` says whether its result asks for another one. */
  decide(options: { readonly wanted: boolean; readonly answered: boolean }): Decision {
    const { counts } = this.#stats
    this.release()
    if (!options.wanted) {
      if (this.#made > 0 && options.answered) counts.upstream_rq_retry_success += 1
      return 'final'
    }
    if (this.#made >= this.#policy.retriesMax) {
      counts.upstream_rq_retry_limit_exceeded += 1
      return 'no-limit'
    }
    if (!this.#breakers.mayRetry) {
      counts.upstream_rq_retry_overflow += 1
      return 'no-budget'
    }
    this.#made += 1
    this.#holdsPlace = true
    this.#breakers.retries += 1
    counts.upstream_rq_retry += 1
    counts.upstream_rq_retry_backoff_exponential += 1
    return 'again'
  }

  /** Before further try N: between 0 and (2^N - 1) times retryPauseMs, at most ten times of it. */
  get pauseMs(): number {
    const base = this.#policy.retryPauseMs
    return Math.floor(this.#random() * Math.min(base * (2 ** this.#made - 1), base * 10))
  }

  /** The request is over, or its further try has a result: its place in the budget is free. */
  release(): void {
    if (!this.#holdsPlace) return
    this.#holdsPlace = false
    this.#breakers.retries -= 1
  }
}

/** Further tries, if the policy has any for this method. */
export function mayRetry(policy: ClusterPolicy, method: string): boolean {
  return policy.retriesMax > 0 && policy.retryOn.length > 0 && policy.retryMethods.includes(method)
}
