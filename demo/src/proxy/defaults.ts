import type { ClusterPolicy, Routing } from './contract.ts'

/**
 * How a cluster is called when nobody says otherwise: a mesh as most people run it. Two further
 * tries as in Istio, kept to 20 % of the open requests (Envoy's retry budget: 20 %, at least 3),
 * Envoy's circuit breakers (1,024 each) and connect pause (25 ms), and Envoy's default timeout.
 * An endpoint with ten 5xx in a row is left out for 5 s; with fewer than half of them left, all
 * are used again. Frozen: make another with a spread.
 */
export const defaultPolicy: ClusterPolicy = Object.freeze<ClusterPolicy>({
  connectTimeoutMs: 1_000,
  requestTimeoutMs: 15_000,
  perTryTimeoutMs: 0,
  retriesMax: 2,
  retryOn: ['connect-failure', 'reset', 'gateway-error'],
  retryMethods: ['GET', 'HEAD'],
  retryBudgetRatio: 0.2,
  retryBudgetMin: 3,
  retryPauseMs: 25,
  connectionsMax: 1_024,
  pendingMax: 1_024,
  requestsMax: 1_024,
  requestsPerConnectionMax: 0,
  tlsSessionReuse: true,
  balancing: 'least-request',
  hashHeader: 'x-user-id',
  outlier: { consecutive5xx: 10, baseEjectionMs: 5_000, ejectedRatioMax: 0.5, panicRatio: 0.5 },
})

/** Every version gets the same share. A version named twice counts once. */
export function equalRouting(versions: readonly string[]): Routing {
  return { weights: Object.fromEntries(versions.map(version => [version, 1])) }
}

/** Beta testers go to the canary, and so many percent of the others. */
export function canaryRouting(percent: number): Routing {
  return {
    weights: { stable: 100 - percent, 'canary-v2': percent },
    byHeader: { name: 'x-user-segment', versions: { 'beta-testers': 'canary-v2' } },
  }
}

/**
 * How a sidecar calls the processes of its own service. The caller's proxy has the further tries
 * for what the service answers; here only a connection that was refused is tried elsewhere, which
 * costs the service nothing. Two layers that try three times each would make nine calls of one.
 */
export const sidecarInboundPolicy: ClusterPolicy = Object.freeze<ClusterPolicy>({
  ...defaultPolicy,
  retryOn: ['connect-failure'],
})
