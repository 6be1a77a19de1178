import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'
import { together } from '../together.ts'

const service = choice('whose pool', ['catalog', 'order', 'inventory', 'cart', 'payment'])

export const smallPool: Fault = {
  name: 'small-pool',
  family: 'F08',
  about: 'a service has too few database connections for its requests and the exports beside them',
  symptom: 'its requests wait for a connection, then fail with 503, while the database is idle',
  parameters: {
    service,
    connectionsMax: number('connections left', { default: 1, min: 1, max: 50, drawn: [1, 2] }),
    waitMs: number('how long a request waits for one', {
      ...{ default: 2_000, min: 10, max: 30_000, drawn: [300, 2_000] },
    }),
    exports: number('exports at once: a pool of the usual size would not feel them', {
      ...{ default: 2, min: 0, max: 20, drawn: [2, 2] },
    }),
    exportMs: number('how long an export keeps its connection', {
      ...{ default: 200, min: 10, max: 10_000, drawn: [150, 500] },
    }),
  },
  label: values => ({
    service: String(values['service']),
    pattern: 'P08',
    resource: 'database pool',
  }),
  set: (surface, values) =>
    surface.changeService(
      { service: values['service'] as ServiceName },
      {
        ...{ poolConnectionsMax: Number(values['connectionsMax']) },
        ...{ poolWaitMs: Number(values['waitMs']), poolExports: Number(values['exports']) },
        poolExportMs: Number(values['exportMs']),
      },
    ),
}

export const leakedConnections: Fault = {
  name: 'leaked-connections',
  family: 'F08',
  about: 'now and then a service does not give a database connection back',
  symptom: 'all is well at first; then requests wait for a connection and fail with 503, for good',
  parameters: {
    service,
    leakRatio: number('share of the uses after which it is not given back', {
      ...{ default: 0.05, min: 0.000_1, max: 1, drawn: [0.2, 0.5], whole: false },
    }),
  },
  label: values => {
    return { service: String(values['service']), pattern: 'P08', resource: 'leaked connections' }
  },
  set: (surface, { service, leakRatio }) =>
    surface.changeService(
      { service: service as ServiceName },
      { poolLeakRatio: Number(leakRatio) },
    ),
}

export const callsInTransaction: Fault = {
  name: 'calls-in-transaction',
  family: 'F08',
  about: 'payment keeps its transaction, on one of few connections, while it waits for the bank',
  symptom: 'payments wait for a connection and fail; most connections are idle in transaction',
  parameters: {
    bankMs: number('how long the bank takes', {
      ...{ default: 400, min: 1, max: 1_900, drawn: [400, 1_200] },
    }),
    connectionsMax: number("payment's connections", {
      ...{ default: 2, min: 1, max: 50, drawn: [1, 2] },
    }),
  },
  label: () => ({ service: 'payment', pattern: 'P08', resource: 'idle in transaction' }),
  set: (surface, { bankMs, connectionsMax }) =>
    together([
      () => surface.changeService({ service: 'bank' }, { answerMs: Number(bankMs) }),
      () =>
        surface.changeService(
          { service: 'payment' },
          { chargeInTransaction: true, poolConnectionsMax: Number(connectionsMax) },
        ),
    ]),
}
