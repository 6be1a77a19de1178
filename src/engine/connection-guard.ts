import { hostGuard } from '../plan/index.ts'
import type { ClientOptions } from '../protocols/index.ts'

/** The part of a client's options that keeps it away from hosts that the plan does not allow. */
export type ConnectionGuard = Required<Pick<ClientOptions, 'mayConnect' | 'onRefused'>>

/**
 * The safety guard at run time: what the plan's targets turned out to be before the run says
 * nothing about absolute URLs, redirects, and names that resolve otherwise later.
 */
export function connectionGuard(
  allowedHosts: readonly string[],
  onRefused: (host: string) => void,
): ConnectionGuard {
  const guard = hostGuard(allowedHosts)
  return { mayConnect: (host, address) => guard.mayConnect(host, address), onRefused }
}
