import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'
import { together } from '../together.ts'

export const strictBreaker: Fault = {
  name: 'strict-breaker',
  family: 'F09',
  about: 'the circuit breaker before a healthy service lets fewer requests in than it could serve',
  symptom: 'some requests fail at once with 503 (response flag UO), the others are as fast as ever',
  parameters: {
    service: choice(
      'before which',
      ['catalog', 'recommendation', 'pricing', 'cart', 'order'],
      ['catalog', 'pricing', 'cart', 'order'],
    ),
    requestsMax: number('open requests', { default: 1, min: 1, max: 10_000, drawn: [1, 1] }),
  },
  label: ({ service }) => {
    return { service: String(service), pattern: 'P09', resource: 'circuit breaker' }
  },
  set: async (surface, values) => {
    const service = values['service'] as ServiceName
    await surface.ensureProxy(service)
    return surface.changeProxy(service, {
      inbound: { requestsMax: Number(values['requestsMax']), retriesMax: 0 },
    })
  },
}

export const strictOutlier: Fault = {
  name: 'strict-outlier',
  family: 'F09',
  about: 'one failed request is enough to take a replica out; the failures lie in the requests',
  symptom: 'now and then no replica is left and everything fails at once with 503 (flag UH)',
  parameters: {
    replicas: number('replicas', { default: 2, min: 1, max: 10, drawn: [2, 3] }),
    failRatio: number('share of the products for which it fails', {
      ...{ default: 0.05, min: 0.001, max: 0.5, drawn: [0.04, 0.08], whole: false },
    }),
    ejectionMs: number('how long a replica is out the first time', {
      ...{ default: 5_000, min: 10, max: 600_000, drawn: [5_000, 15_000] },
    }),
  },
  label: () => {
    return { service: 'recommendation', pattern: 'P09', resource: 'outlier detection' }
  },
  set: (surface, values) => {
    const service = 'recommendation'
    return together([
      () => surface.scale(service, Number(values['replicas'])),
      () => surface.changeService({ service }, { untrainedRatio: Number(values['failRatio']) }),
      () =>
        surface.changeProxy(service, {
          inbound: {
            outlier: {
              ...{ consecutive5xx: 1, baseEjectionMs: Number(values['ejectionMs']) },
              ...{ ejectedRatioMax: 1, panicRatio: 0 },
            },
          },
        }),
    ])
  },
}
