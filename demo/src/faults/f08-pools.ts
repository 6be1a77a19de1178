import type { Fault } from './fault.ts'
import type { ServiceName } from '../services.ts'
import { choice, number } from './parameters.ts'

const service = choice('whose pool', ['catalog', 'order', 'inventory', 'cart', 'payment'])

export const smallPool: Fault = {
  name: 'small-pool',
  family: 'F08',
  about: 'a service has too few database connections',
  symptom: 'its requests wait for a connection, then fail with 503, while the database is idle',
  parameters: {
    service,
    connectionsMax: number('connections left', { default: 1, min: 1, max: 50, drawn: [1, 2] }),
  },
  label: values => {
    return { service: String(values['service']), pattern: 'P08', resource: 'database pool' }
  },
  set: (surface, values) =>
    surface.changeService(
      { service: values['service'] as ServiceName },
      { poolConnectionsMax: Number(values['connectionsMax']) },
    ),
}
