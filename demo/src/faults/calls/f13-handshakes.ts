import type { Fault } from '../fault.ts'
import type { ClusterPolicy } from '../../proxy/contract.ts'
import { callGraph } from '../../shop/call-graph.ts'
import type { ServiceName } from '../../services.ts'
import { choice } from '../parameters.ts'
import { together } from '../together.ts'

/** Nothing is kept of a connection: neither itself nor what TLS agreed on. */
const newEachTime: Partial<ClusterPolicy> = { requestsPerConnectionMax: 1, tlsSessionReuse: false }

/** Outside the shop, so that no sidecar stands before it. */
const withoutSidecar = 'bank'

export const tlsPerRequest: Fault = {
  name: 'tls-per-request',
  family: 'F13',
  about: 'the sidecars make a new TLS connection for each call, with a full handshake',
  symptom: 'each call gains the time of a handshake, and the proxies use far more CPU',
  needs: 'mesh',
  parameters: {
    to: choice(
      'calls to which service',
      ['all', 'catalog', 'pricing', 'inventory', 'cart'],
      ['all', 'catalog'],
    ),
  },
  label: ({ to }) => {
    const service = to === 'all' ? 'gateway' : String(to)
    return { service, pattern: 'P13', resource: 'tls handshakes' }
  },
  set: (surface, { to }) => {
    const edges = callGraph.flatMap(({ from, to: callee, kind }) => {
      const isMeant = to === 'all' || callee === to
      if (kind !== 'http' || callee === withoutSidecar || !isMeant) return []
      return [{ from, to: callee as ServiceName }]
    })
    const atIngress =
      to === 'all' ? [() => surface.changeProxy('ingress', { inbound: newEachTime })] : []
    return together([
      () => surface.changeTls(true),
      ...atIngress,
      ...edges.map(edge => () => {
        const outbound = { to: edge.to, policy: newEachTime }
        return surface.changeProxy(edge.from, { outbound })
      }),
    ])
  },
}
