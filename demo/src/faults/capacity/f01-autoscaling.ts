import type { Fault, ParameterValues } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import type { AutoscalerSettings } from '../../scaling/contract.ts'
import { choice, number } from '../parameters.ts'
import type { FaultSurface, Restore } from '../surface.ts'
import { together } from '../together.ts'

const parameters = {
  service: choice(
    'what is scaled',
    ['catalog', 'pricing', 'inventory', 'cart', 'search'],
    ['catalog', 'pricing', 'inventory'],
  ),
  cores: number('CPU cores of one replica: too little for the load', {
    ...{ default: 0.03, min: 0.01, max: 8, drawn: [0.02, 0.03], whole: false },
  }),
  replicasMax: number('replicas at most: enough', { default: 4, min: 2, max: 8, drawn: [4, 6] }),
  target: number('CPU use that is aimed at, as a share', {
    ...{ default: 0.6, min: 0.05, max: 5, drawn: [0.4, 0.8], whole: false },
  }),
  syncS: number('how often the autoscaler looks', {
    ...{ default: 15, min: 0.1, max: 120, drawn: [3, 6], whole: false },
  }),
}

export const slowAutoscaling: Fault = {
  name: 'slow-autoscaling',
  family: 'F01',
  about: 'new replicas of an autoscaled service need long to start',
  symptom: 'after a rise of the load requests are slow until the new replicas are ready',
  parameters: {
    ...parameters,
    startDelayS: number('from the decision to the start', {
      ...{ default: 20, min: 0, max: 600, drawn: [5, 20], whole: false },
    }),
  },
  label: ({ service }) => ({ service: String(service), pattern: 'P01', resource: 'start delay' }),
  set: (surface, values) =>
    scaled(surface, values, {
      metric: 'cpu',
      startDelayMs: Number(values['startDelayS']) * 1_000,
    }),
}

export const wrongMetric: Fault = {
  name: 'wrong-metric',
  family: 'F01',
  about: 'a service is scaled by its memory, while what it lacks is CPU',
  symptom: 'requests are slow under load, and no replica is added however long it lasts',
  parameters: {
    ...parameters,
    target: number('memory that is aimed at, as a share of 256 MiB', {
      ...{ default: 1.5, min: 0.1, max: 10, drawn: [1.2, 2], whole: false },
    }),
  },
  label: ({ service }) => {
    return { service: String(service), pattern: 'P01', resource: 'scales on the wrong metric' }
  },
  set: (surface, values) => scaled(surface, values, { metric: 'memory', startDelayMs: 0 }),
}

function scaled(
  surface: FaultSurface,
  values: ParameterValues,
  differing: Pick<AutoscalerSettings, 'metric' | 'startDelayMs'>,
): Promise<Restore> {
  const service = values['service'] as ServiceName
  const cores = Number(values['cores'])
  const syncMs = Number(values['syncS']) * 1_000
  return together([
    () => surface.changeService({ service }, { cpuCores: cores }),
    () =>
      surface.autoscale(service, {
        ...{ minReplicas: 1, maxReplicas: Number(values['replicasMax']) },
        ...{ target: Number(values['target']), cpuRequestCores: cores, syncMs },
        // As much shorter as the period is.
        ...{ initialReadinessMs: 2 * syncMs, downscaleStabilisationMs: 20 * syncMs },
        ...differing,
      }),
  ])
}
