import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'
import { together } from '../together.ts'

export const cpuQuota: Fault = {
  name: 'cpu-quota',
  family: 'F03',
  about: 'a service may use only so much CPU time, as a container with a limit',
  symptom: 'above a rate its requests queue up; answers come in steps of its 100 ms periods',
  parameters: {
    service: choice('whose process', [
      'catalog',
      'pricing',
      'inventory',
      'cart',
      'auth',
      'gateway',
    ]),
    cores: number('CPU cores left', {
      ...{ default: 0.03, min: 0.01, max: 8, drawn: [0.015, 0.025], whole: false },
    }),
  },
  label: values => ({ service: String(values['service']), pattern: 'P03', resource: 'cpu' }),
  set: (surface, { service, cores }) =>
    surface.changeService({ service: service as ServiceName }, { cpuCores: Number(cores) }),
}

export const threadLimit: Fault = {
  name: 'thread-limit',
  family: 'F03',
  about: 'a service works on only so many requests at once, as with so few threads',
  symptom: 'requests wait in its queue although its CPU is idle; throughput does not rise any more',
  parameters: {
    service: choice('which one', ['catalog', 'order', 'cart', 'payment', 'gateway'], ['gateway']),
    atOnceMax: number('requests worked on at once', {
      ...{ default: 1, min: 1, max: 1_000, drawn: [1, 1] },
    }),
  },
  label: values => ({ service: String(values['service']), pattern: 'P03', resource: 'threads' }),
  set: (surface, { service, atOnceMax }) =>
    surface.changeService(
      { service: service as ServiceName },
      { requestsAtOnceMax: Number(atOnceMax) },
    ),
}

export const maxReplicas: Fault = {
  name: 'max-replicas',
  family: 'F03',
  about: 'an autoscaled service has reached its largest number of replicas, and needs more',
  symptom: 'more load brings no more answers; the autoscaler wants replicas that it may not start',
  parameters: {
    service: choice('which one', ['catalog', 'pricing', 'inventory', 'cart']),
    replicasMax: number('replicas at most', { default: 2, min: 1, max: 4, drawn: [1, 2] }),
    cores: number('CPU cores of one replica', {
      ...{ default: 0.02, min: 0.01, max: 8, drawn: [0.015, 0.02], whole: false },
    }),
    syncMs: number('how often the autoscaler looks', {
      ...{ default: 5_000, min: 100, max: 60_000, drawn: [2_000, 15_000] },
    }),
  },
  label: values => {
    return { service: String(values['service']), pattern: 'P03', resource: 'max replicas' }
  },
  set: (surface, values) => {
    const service = values['service'] as ServiceName
    const cores = Number(values['cores'])
    const syncMs = Number(values['syncMs'])
    return together([
      () => surface.changeService({ service }, { cpuCores: cores }),
      () =>
        surface.autoscale(service, {
          ...{ metric: 'cpu', target: 0.6, cpuRequestCores: cores, minReplicas: 1, syncMs },
          ...{ maxReplicas: Number(values['replicasMax']), startDelayMs: 0 },
          ...{ initialReadinessMs: syncMs, downscaleStabilisationMs: 20 * syncMs },
        }),
    ])
  },
}
