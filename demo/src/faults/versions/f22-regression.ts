import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'

const services = ['catalog', 'pricing', 'inventory', 'cart', 'order', 'payment'] as const
const oftenCalled = services.filter(service => service !== 'payment')

/** Set before the second of two runs. */
export const regression: Fault = {
  name: 'regression',
  family: 'F22',
  about: 'a new release of a service needs more CPU time for each request',
  symptom: 'every request that uses the service is slower than in the run before, at equal load',
  parameters: {
    service: choice('what was released', services, oftenCalled),
    extraCpuUs: number('CPU time added to each request, µs', {
      ...{ default: 10_000, min: 100, max: 1_000_000, drawn: [10_000, 16_000] },
    }),
  },
  label: ({ service }) => ({ service: String(service), pattern: 'P23', resource: 'cpu' }),
  set: (surface, { service, extraCpuUs }) =>
    surface.changeService(
      { service: service as ServiceName },
      { extraCpuUs: Number(extraCpuUs), versionSuffix: '-2' },
    ),
}
