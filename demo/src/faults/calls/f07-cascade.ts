import { serviceNames, type ServiceName } from '../../services.ts'
import { callGraph } from '../../shop/call-graph.ts'
import type { Fault } from '../fault.ts'
import { choice, number } from '../parameters.ts'
import type { FaultSurface, Restore } from '../surface.ts'
import { together } from '../together.ts'

export const cascade: Fault = {
  name: 'cascade',
  family: 'F07',
  about:
    'one service is slow, and its callers wait without a limit in one small pool for all calls',
  symptom: 'requests that do not need the slow service at all wait too, in every service above it',
  parameters: {
    root: choice(
      'what is slow',
      ['pricing', 'inventory', 'catalog', 'cart', 'payment', 'bank'],
      ['pricing', 'inventory', 'catalog', 'cart', 'bank'],
    ),
    cores: number('its CPU cores', {
      ...{ default: 0.015, min: 0.01, max: 1, drawn: [0.01, 0.015], whole: false },
    }),
    bankMs: number('what the bank takes when it is the root', {
      ...{ default: 3_000, min: 100, max: 60_000, drawn: [3_000, 10_000] },
    }),
    callsAtOnceMax: number('calls of a service to all others at once', {
      ...{ default: 8, min: 1, max: 1_000, drawn: [2, 8] },
    }),
  },
  label: ({ root }) => ({ service: String(root), pattern: 'P07', resource: rootResource(root) }),
  set: (surface, values) => {
    const callsAtOnceMax = Number(values['callsAtOnceMax'])
    const callers = serviceNames.filter(name => name !== 'bank')
    return together([
      ...callers.map(
        service => () =>
          surface.changeService({ service }, { callTimeoutMs: noTimeoutMs, callsAtOnceMax }),
      ),
      ...patientProxies(surface),
      () => slow(surface, values),
    ])
  },
}

/** Proxies would give up for the services otherwise, and with that protect them. */
function patientProxies(surface: FaultSurface): (() => Promise<Restore>)[] {
  const { proxies } = surface
  const patient = { requestTimeoutMs: 0 }
  const inMesh = proxies.includes('ingress')
  const edges = callGraph.flatMap(({ from, to, kind }) => {
    const callee = proxies.find(name => name === to)
    const isMeant = inMesh && kind === 'http' && callee !== undefined && callee !== 'ingress'
    return isMeant ? [{ from, to: callee }] : []
  })
  return [
    ...proxies.map(proxy => () => surface.changeProxy(proxy, { inbound: patient })),
    ...edges.map(({ from, to }) => () => {
      return surface.changeProxy(from, { outbound: { to, policy: patient } })
    }),
  ]
}

/** Ten minutes: longer than anybody waits. */
const noTimeoutMs = 600_000

const rootResource = (root: string | number | undefined) => (root === 'bank' ? 'external' : 'cpu')

function slow(
  surface: FaultSurface,
  { root, cores, bankMs }: Readonly<Record<string, string | number>>,
): Promise<Restore> {
  const service = root as ServiceName
  const values = root === 'bank' ? { answerMs: Number(bankMs) } : { cpuCores: Number(cores) }
  return surface.changeService({ service }, values)
}
