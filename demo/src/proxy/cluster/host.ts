import type { Endpoint } from '../contract.ts'
import type { OutlierState } from './outlier.ts'
import type { Pool } from './pool.ts'

/** One endpoint of a cluster: its connections, and what is known of it. */
export interface Host {
  readonly endpoint: Endpoint
  readonly pool: Pool
  readonly outlier: OutlierState
  /** Tries that are open or wait for a connection. */
  openTries: number
}

/**
 * Chooses one of several endpoints. Source: Envoy, "Supported load balancers", all endpoints of
 * one weight: least request takes the better of two drawn at random (counting tries that wait,
 * which Envoy does not), round robin goes through them in turn.
 */
export function pickHost(
  hosts: readonly Host[],
  how: {
    readonly balancing: 'least-request' | 'round-robin' | 'random'
    readonly random: () => number
    /** Goes up by one with each choice. */
    readonly turn: number
  },
): Host | undefined {
  if (hosts.length <= 1) return hosts[0]
  const drawn = () => hosts[Math.floor(how.random() * hosts.length)]!
  if (how.balancing === 'round-robin') return hosts[how.turn % hosts.length]
  if (how.balancing === 'random') return drawn()
  const [one, other] = [drawn(), drawn()]
  return other.openTries < one.openTries ? other : one
}
