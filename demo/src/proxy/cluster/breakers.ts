import type { ClusterPolicy } from '../contract.ts'
import type { Exposition, Labels } from '../stats/exposition.ts'

/**
 * Counts what a cluster has open, and says what may be opened besides. Source: Envoy, "Circuit
 * breaking"; the limits are those of the whole cluster, all endpoints together.
 */
export class Breakers {
  connections = 0
  pending = 0
  requests = 0
  retries = 0
  readonly #policy: () => ClusterPolicy

  constructor(policy: () => ClusterPolicy) {
    this.#policy = policy
  }

  get mayConnect(): boolean {
    return this.connections < this.#policy().connectionsMax
  }

  get mayWait(): boolean {
    return this.pending < this.#policy().pendingMax
  }

  get mayRequest(): boolean {
    return this.requests < this.#policy().requestsMax
  }

  /**
   * Envoy's retry budget: further tries that are open now, as a share of requests that are open or
   * wait, and always `retryBudgetMin` of them.
   */
  get mayRetry(): boolean {
    const { retryBudgetRatio, retryBudgetMin } = this.#policy()
    if (retryBudgetRatio < 0) return true
    const budget = retryBudgetRatio * (this.requests + this.pending)
    return this.retries < Math.max(retryBudgetMin, budget)
  }

  write(page: Exposition, labels: Labels): void {
    page.gauge('envoy_cluster_upstream_cx_active', this.connections, labels)
    page.gauge('envoy_cluster_upstream_rq_active', this.requests, labels)
    page.gauge('envoy_cluster_upstream_rq_pending_active', this.pending, labels)
    const open = (name: string, may: boolean) => {
      page.gauge(`envoy_cluster_circuit_breakers_default_${name}_open`, may ? 0 : 1, labels)
    }
    open('cx', this.mayConnect)
    open('rq_pending', this.mayWait)
    open('rq', this.mayRequest)
    open('rq_retry', this.mayRetry)
    // Envoy's limit of connection pools: there is one for each endpoint here, without a limit.
    open('cx_pool', true)
  }
}
