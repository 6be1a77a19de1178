import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'
import { together } from '../together.ts'

const service = choice(
  'which one',
  ['catalog', 'pricing', 'inventory', 'cart', 'search'],
  ['catalog', 'pricing', 'inventory'],
)
const replicas = number('its replicas', { default: 4, min: 2, max: 6, drawn: [4, 5] })
/** One alone cannot do what all of them do easily, at some 40 journeys a second. */
const cores = number('CPU cores of each replica: all together are enough', {
  ...{ default: 0.03, min: 0.01, max: 8, drawn: [0.02, 0.03], whole: false },
})

export const stickyBalancing: Fault = {
  name: 'sticky-balancing',
  family: 'F10',
  about: 'replicas are chosen by a header that has few values',
  symptom: 'one replica gets nearly all requests and is slow, the others have nothing to do',
  parameters: {
    service,
    replicas,
    cores,
    header: choice('by what', ['user-agent', 'x-request-source', 'x-user-segment'], ['user-agent']),
  },
  label: ({ service }) => {
    return { service: String(service), pattern: 'P10', resource: 'sticky balancing' }
  },
  set: (surface, values) => {
    const service = values['service'] as ServiceName
    return together([
      () => surface.scale(service, Number(values['replicas'])),
      () => surface.changeService({ service }, { cpuCores: Number(values['cores']) }),
      () =>
        surface.changeProxy(service, {
          inbound: { balancing: 'ring-hash', hashHeader: String(values['header']) },
        }),
    ])
  },
}

export const slowReplica: Fault = {
  name: 'slow-replica',
  family: 'F10',
  about: 'one of several replicas has hardly any CPU, as on a crowded machine; all get their turn',
  symptom: 'one request in so many is slow, always when it meets the same replica',
  parameters: {
    service,
    replicas,
    cores: number('CPU cores of the slow one', {
      ...{ default: 0.015, min: 0.01, max: 8, drawn: [0.01, 0.015], whole: false },
    }),
  },
  label: ({ service }) => {
    return { service: String(service), pattern: 'P10', resource: 'slow replica' }
  },
  set: (surface, values) => {
    const service = values['service'] as ServiceName
    return together([
      () => surface.scale(service, Number(values['replicas'])),
      () => surface.changeProxy(service, { inbound: { balancing: 'round-robin' } }),
      () => surface.changeService({ service, replica: 0 }, { cpuCores: Number(values['cores']) }),
    ])
  },
}

export const pinnedConnections: Fault = {
  name: 'pinned-connections',
  family: 'F10',
  about: 'each connection of a caller stays with one replica; those under load have the oldest one',
  symptom: 'replicas are added, get no requests, and nothing becomes faster',
  parameters: { service, replicas, cores },
  label: ({ service }) => {
    return { service: String(service), pattern: 'P10', resource: 'long-lived connections' }
  },
  set: async (surface, values) => {
    const service = values['service'] as ServiceName
    await surface.ensureProxy(service)
    return together([
      () => surface.changeService({ service }, { cpuCores: Number(values['cores']) }),
      // Before there are others to choose: connections that are in use now stay where they are.
      () => surface.changeProxy(service, { inbound: { balancing: 'per-connection' } }),
      () => surface.scale(service, Number(values['replicas'])),
    ])
  },
}
