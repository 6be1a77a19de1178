import type { Fault } from '../fault.ts'
import { shopDomain } from '../../kit/calls/names.ts'
import { serviceNames, type ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'
import { together } from '../together.ts'

const clusterDomains = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'lan']

export const slowDns: Fault = {
  name: 'slow-dns',
  family: 'F20',
  about: 'services find each other by name for each call, over new connections; the server is slow',
  symptom: 'calls between services that have nothing in common gain the same delay, some fail',
  parameters: {
    service: choice('who asks for names', ['all', 'gateway', 'catalog', 'order', 'recommendation']),
    delayMs: number('time until the name server answers', {
      ...{ default: 20, min: 0, max: 5_000, drawn: [20, 80] },
    }),
    failRatio: number('share of questions answered SERVFAIL', {
      ...{ default: 0, min: 0, max: 1, drawn: [0, 0.05], whole: false },
    }),
    searchDomains: number('domains tried before the name itself (ndots)', {
      ...{ default: 3, min: 0, max: clusterDomains.length, drawn: [1, clusterDomains.length] },
    }),
    failSeed: number('which questions fail', { default: 1, min: 1, max: 1_000_000 }),
  },
  label: () => ({ service: 'name-server', pattern: 'P20', resource: 'dns' }),
  set: (surface, values) => {
    const domains = clusterDomains.slice(0, Number(values['searchDomains']))
    const asking = values['service'] === 'all' ? serviceNames : [values['service'] as ServiceName]
    let server = ''
    const startServer = async () => {
      const actor = await surface.startActor({
        name: 'name-server',
        module: new URL('../actors/name-server.ts', import.meta.url),
        args: {
          domain: shopDomain,
          delayMs: values['delayMs'],
          failRatio: values['failRatio'],
          seed: values['failSeed'],
        },
      })
      server = String(actor.ready['server'])
      return () => actor.stop()
    }
    const askIt = (service: ServiceName) => () =>
      surface.changeService(
        { service },
        { nameServer: server, nameSearchDomains: domains.join(','), callKeepAlive: false },
      )
    return together([startServer, ...asking.map(askIt)])
  },
}
