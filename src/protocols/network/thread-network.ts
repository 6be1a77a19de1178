import type { Clock } from '../../base/index.ts'
import { Deadlines } from './deadlines.ts'
import { NameCache } from './name-cache.ts'

/** What all clients of a thread share: one sweep of deadlines and one cache of names. */
export interface ThreadNetwork {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly names: NameCache
}

/** One per clock; a worker has one clock. */
const networks = new WeakMap<Clock, ThreadNetwork>()

export function threadNetworkOf(clock: Clock): ThreadNetwork {
  const found = networks.get(clock)
  if (found !== undefined) return found
  const network = { clock, deadlines: new Deadlines(clock), names: new NameCache(clock) }
  networks.set(clock, network)
  return network
}
