import type { FaultSurface, Restore } from '../faults/surface.ts'
import type { DatabaseAddress } from '../kit/data/database.ts'
import type { Autoscaling } from './autoscaling.ts'
import { startActor } from './actor-process.ts'
import type { Child } from './child.ts'
import type { Fleet } from './fleet/fleet.ts'

/** What faults may do to a running shop: changes over each other, told to all it concerns. */
export function faultSurface(shop: {
  readonly fleet: Fleet
  readonly autoscaling: Autoscaling
  readonly database: DatabaseAddress
  /** An actor that ends by itself is told here. */
  readonly onActorEnd: (child: Child) => void
}): FaultSurface {
  const { fleet, autoscaling, database } = shop

  /** A change that a process refuses is taken back, so that the shop is as it was before. */
  const change = async (add: () => () => void): Promise<Restore> => {
    const remove = add()
    const restore = () => {
      remove()
      return fleet.sync()
    }
    try {
      await fleet.sync()
    } catch (error) {
      await restore()
      throw error
    }
    return restore
  }

  return {
    database,
    get proxies() {
      return fleet.proxies.map(proxy => proxy.name)
    },
    get peers() {
      return fleet.peers
    },
    changeService: (target, values) => change(() => fleet.serviceLayers.add({ target, values })),
    changeProxy: (proxy, values) =>
      change(() => {
        fleet.mustHaveProxy(proxy)
        return fleet.proxyLayers.add({ proxy, change: values })
      }),
    changeTls: mutualTls => change(() => fleet.tlsLayers.add(mutualTls)),
    changeRouting: (service, routing) =>
      change(() => {
        fleet.mustHaveProxy(service)
        return fleet.routingLayers.add({ service, routing })
      }),
    scale: async (service, replicas) => {
      const remove = fleet.replicaLayers.add({ service, replicas })
      const restore = () => {
        remove()
        return fleet.scale(service, fleet.replicasOf(service))
      }
      try {
        await fleet.scale(service, replicas)
      } catch (error) {
        await restore()
        throw error
      }
      return restore
    },
    ensureProxy: service => fleet.ensureProxy(service),
    autoscale: (service, settings) => autoscaling.add(service, settings),
    startActor: options => startActor(options, shop.onActorEnd),
  }
}
