import type { IncomingHttpHeaders } from 'node:http'
import type { Routing } from '../contract.ts'

/**
 * The version that answers. A header that names a version with endpoints decides; else the weights
 * of the versions with endpoints. `random` is in [0, 1). Undefined when no version with endpoints
 * has a weight: then any endpoint may answer (Envoy's ANY_ENDPOINT fallback of subsets), so that
 * a version that is just being replaced does not take the service down.
 */
export function chooseVersion(
  routing: Routing,
  request: {
    readonly headers: IncomingHttpHeaders
    readonly versions: { has(version: string): boolean }
    readonly random: number
  },
): string | undefined {
  const { headers, versions, random } = request
  const wanted = byHeader(routing, headers)
  if (wanted !== undefined && versions.has(wanted)) return wanted
  const weights = Object.entries(routing.weights).filter(
    ([version, weight]) => weight > 0 && versions.has(version),
  )
  const sum = weights.reduce((total, [, weight]) => total + weight, 0)
  let left = random * sum
  for (const [version, weight] of weights) {
    left -= weight
    if (left < 0) return version
  }
  // Only rounding can get here with weights left.
  return weights.at(-1)?.[0]
}

function byHeader(routing: Routing, headers: IncomingHttpHeaders): string | undefined {
  if (!routing.byHeader) return undefined
  const value = headers[routing.byHeader.name.toLowerCase()]
  if (typeof value !== 'string') return undefined
  const { versions } = routing.byHeader
  return Object.hasOwn(versions, value) ? versions[value] : undefined
}
