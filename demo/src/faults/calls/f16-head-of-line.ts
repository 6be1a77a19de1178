import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'
import { together } from '../together.ts'

export const sharedConnection: Fault = {
  name: 'shared-connection',
  family: 'F16',
  about: 'the gateway has one connection to the catalog, and long lists take a slow query',
  symptom: 'single products wait behind lists, though the catalog answers them as fast as ever',
  parameters: {
    listGoods: number('lists of at least so many goods are slow', {
      ...{ default: 40, min: 2, max: 100, drawn: [20, 40] },
    }),
    comparedGoods: number('goods compared for a list: how slow', {
      ...{ default: 100, min: 1, max: 1_500, drawn: [80, 200] },
    }),
  },
  label: () => {
    return {
      ...{ service: 'gateway', pattern: 'P16', resource: 'connection' },
      edge: ['gateway', 'catalog'],
    }
  },
  set: (surface, values) =>
    together([
      () => surface.changeService({ service: 'gateway' }, { sharedConnectionTo: 'catalog' }),
      () =>
        surface.changeService(
          { service: 'catalog' },
          {
            slowPathListGoods: Number(values['listGoods']),
            slowPathComparedGoods: Number(values['comparedGoods']),
          },
        ),
    ]),
}

export const heavyAnswers: Fault = {
  name: 'heavy-answers',
  family: 'F16',
  about: 'a service compresses large answers in its event loop, as far as can be',
  symptom: 'small requests wait while a large answer of the same process is made',
  parameters: {
    service: choice('whose event loop', ['catalog', 'order', 'gateway'], ['catalog', 'gateway']),
    fromKb: number('answers of at least so many kB', {
      ...{ default: 4, min: 1, max: 1_000, drawn: [3, 5] },
    }),
  },
  label: ({ service }) => ({ service: String(service), pattern: 'P16', resource: 'event loop' }),
  set: (surface, { service, fromKb }) =>
    surface.changeService(
      { service: service as ServiceName },
      { compressFromBytes: Number(fromKb) * 1_000 },
    ),
}
