import type { FaultSurface, Restore } from '../faults/surface.ts'
import type { DatabaseAddress } from '../kit/data/database.ts'
import type { Autoscaling } from './autoscaling.ts'
import { Child } from './child.ts'
import type { Fleet } from './fleet/fleet.ts'

const actorStopMs = 3_000

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
      const before = fleet.of(service).filter(one => one.version === 'stable').length
      await fleet.scale(service, replicas)
      return () => fleet.scale(service, before)
    },
    ensureProxy: service => fleet.ensureProxy(service),
    autoscale: (service, settings) => autoscaling.add(service, settings),
    startActor: async ({ name, module, args }) => {
      let stopping = false
      const child = new Child({
        ...{ name, module, args: [JSON.stringify(args)] },
        onExit: ended => {
          if (!stopping) shop.onActorEnd(ended)
        },
      })
      type Said = Readonly<Record<string, unknown>>
      const ready = await child.first<Said, Said>(message => {
        if (message['kind'] === 'failed') throw new Error(`${name}: ${String(message['message'])}`)
        return message['kind'] === 'ready' ? message : undefined
      })
      const stop = () => {
        stopping = true
        return child.stop({ by: 'signal', withinMs: actorStopMs })
      }
      return { ready, pid: child.pid, stop }
    },
  }
}
