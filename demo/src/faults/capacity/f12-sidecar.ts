import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'

export const sidecarCpu: Fault = {
  name: 'sidecar-cpu',
  family: 'F12',
  about: 'the proxy of a service has a CPU quota that is too small for its traffic',
  symptom: 'calls through it stand still at times, while the service itself has CPU to spare',
  parameters: {
    service: choice('whose proxy', ['catalog', 'pricing', 'inventory', 'cart', 'order']),
    cores: number('CPU cores of the proxy', {
      ...{ default: 0.02, min: 0.005, max: 16, drawn: [0.01, 0.02], whole: false },
    }),
  },
  label: ({ service }) => ({
    service: String(service),
    pattern: 'P12',
    resource: 'cpu of the proxy',
  }),
  set: async (surface, values) => {
    const service = values['service'] as ServiceName
    await surface.ensureProxy(service)
    return surface.changeProxy(service, { cpuCores: Number(values['cores']) })
  },
}
