import type { ClusterPolicy } from '../../proxy/contract.ts'
import type { ServiceName } from '../../services.ts'
import type { Fault } from '../fault.ts'
import { number } from '../parameters.ts'
import type { FaultSurface, Restore } from '../surface.ts'
import { together } from '../together.ts'

/** Who tries again, from pricing upwards: its caller, the gateway, all that lie between. */
const layers: readonly (readonly ServiceName[])[] = [
  ['catalog'],
  ['gateway'],
  ['cart', 'search', 'recommendation', 'order'],
]

export const retryStorm: Fault = {
  name: 'retry-storm',
  family: 'F06',
  about: 'callers try again at once after every failure and timeout, in several layers',
  symptom: 'after a short weakness of pricing it gets many times the calls, and stays overloaded',
  parameters: {
    tries: number('tries of one call', { default: 3, min: 2, max: 10, drawn: [3, 5] }),
    layers: number('layers of callers that try again', {
      ...{ default: 2, min: 1, max: 3, drawn: [2, 3] },
    }),
    timeoutMs: number('deadline of a try', {
      ...{ default: 300, min: 10, max: 10_000, drawn: [150, 400] },
    }),
    cores: number('CPU cores of pricing: enough without further tries', {
      ...{ default: 0.07, min: 0.01, max: 8, drawn: [0.05, 0.08], whole: false },
    }),
    triggerCores: number('CPU cores of pricing at first, while it is weak', {
      ...{ default: 0.01, min: 0.01, max: 8, drawn: [0.01, 0.012], whole: false },
    }),
    triggerS: number('how long it is weak', {
      ...{ default: 20, min: 0.1, max: 600, drawn: [10, 30], whole: false },
    }),
  },
  label: () => {
    const resource = 'retries'
    return { service: 'catalog', pattern: 'P06', resource, edge: ['catalog', 'pricing'] }
  },
  set: (surface, values) => {
    const settings = {
      ...{ callRetries: Number(values['tries']) - 1, callRetryTimeouts: true },
      ...{ callRetryPauseMs: 0, callTimeoutMs: Number(values['timeoutMs']) },
    }
    const callers = layers.slice(0, Number(values['layers'])).flat()
    return together([
      ...callers.map(service => () => surface.changeService({ service }, settings)),
      () => surface.changeService({ service: 'pricing' }, { cpuCores: Number(values['cores']) }),
      () =>
        forAWhile(Number(values['triggerS']) * 1_000, () =>
          weaken(surface, Number(values['triggerCores'])),
        ),
    ])
  },
}

/** Whose proxy tries again, from pricing upwards; the ingress calls the gateway only. */
const edges: readonly (readonly [from: ServiceName | 'ingress', to: ServiceName])[] = [
  ['catalog', 'pricing'],
  ['gateway', 'catalog'],
  ['ingress', 'gateway'],
]

export const proxyRetryStorm: Fault = {
  name: 'proxy-retry-storm',
  family: 'F06',
  about:
    'sidecars try again at once after failures and timeouts, without a budget, in several layers',
  symptom: 'while pricing is weak it gets many times the calls, and most of them for nothing',
  needs: 'mesh',
  parameters: {
    tries: number('tries of one call', { default: 3, min: 2, max: 10, drawn: [2, 5] }),
    layers: number('layers of proxies that try again', { default: 2, min: 1, max: 3 }),
    timeoutMs: number('deadline of a try', {
      ...{ default: 200, min: 10, max: 10_000, drawn: [100, 400] },
    }),
    cores: number('CPU cores of pricing', {
      ...{ default: 0.02, min: 0.01, max: 8, drawn: [0.01, 0.02], whole: false },
    }),
  },
  label: () => {
    const resource = 'retries of the proxy'
    return { service: 'catalog', pattern: 'P06', resource, edge: ['catalog', 'pricing'] }
  },
  set: (surface, values) => {
    const policy: Partial<ClusterPolicy> = {
      ...{ retriesMax: Number(values['tries']) - 1, retryBudgetRatio: -1, retryPauseMs: 0 },
      retryOn: ['connect-failure', 'reset', '5xx', 'per-try-timeout'],
      perTryTimeoutMs: Number(values['timeoutMs']),
    }
    return together([
      ...edges.slice(0, Number(values['layers'])).map(
        ([from, to]) =>
          () =>
            from === 'ingress'
              ? surface.changeProxy(from, { inbound: policy })
              : surface.changeProxy(from, { outbound: { to, policy } }),
      ),
      () => weaken(surface, Number(values['cores'])),
    ])
  },
}

const weaken = (surface: FaultSurface, cores: number) =>
  surface.changeService({ service: 'pricing' }, { cpuCores: cores })

/** Makes a change that undoes itself after a while, or when it is undone before. */
async function forAWhile(durationMs: number, change: () => Promise<Restore>): Promise<Restore> {
  let restore: Restore | undefined = await change()
  const undo = async () => {
    const once = restore
    restore = undefined
    await once?.()
  }
  const timer = setTimeout(() => {
    undo().catch((error: unknown) => console.error(`retry-storm: ${String(error)}`))
  }, durationMs)
  return async () => {
    clearTimeout(timer)
    await undo()
  }
}
