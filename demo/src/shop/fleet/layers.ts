import type { ProxyChange, ServiceTarget } from '../../faults/surface.ts'
import type { SettingValues } from '../../kit/settings.ts'
import type { ClusterPolicy } from '../../proxy/contract.ts'
import type { ServiceName } from '../../services.ts'

/** Changes that lie over each other: a later one wins, and each can be taken away by itself. */
export class Layers<Layer> {
  readonly #layers = new Set<{ readonly layer: Layer }>()

  /** Puts one on top; what it returns takes it away, once. */
  add(layer: Layer): () => void {
    const entry = { layer }
    this.#layers.add(entry)
    return () => void this.#layers.delete(entry)
  }

  /** From the bottom to the top. */
  all(): Layer[] {
    return [...this.#layers].map(entry => entry.layer)
  }
}

export interface ServiceLayer {
  readonly target: ServiceTarget
  readonly values: SettingValues
}

/** What differs for one process: `replica` is its place among the running ones of its service. */
export function settingsOf(
  layers: readonly ServiceLayer[],
  at: { readonly service: string; readonly version: string; readonly replica: number },
): SettingValues {
  const values: Record<string, number | boolean | string> = {}
  for (const { target, values: own } of layers) {
    const isMeant =
      target.service === at.service &&
      (target.version === undefined || target.version === at.version) &&
      (target.replica === undefined || target.replica === at.replica)
    if (isMeant) Object.assign(values, own)
  }
  return values
}

export interface ProxyLayer {
  readonly proxy: ServiceName | 'ingress'
  readonly change: ProxyChange
}

/** The policy of a proxy towards its own service, or towards another one. */
export function policyOf(
  base: ClusterPolicy,
  layers: readonly ProxyLayer[],
  at: { readonly proxy: string; readonly to?: string },
): ClusterPolicy {
  let policy = base
  for (const { proxy, change } of layers) {
    if (proxy !== at.proxy) continue
    if (at.to === undefined) policy = { ...policy, ...change.inbound }
    else if (change.outbound?.to === at.to) policy = { ...policy, ...change.outbound.policy }
  }
  return policy
}
