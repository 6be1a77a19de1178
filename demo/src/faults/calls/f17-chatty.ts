import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'

const asking = ['catalog', 'search', 'order', 'recommendation', 'cart'] as const

/** A cart of the usual load holds four goods: too few for calls of two entries to be many. */
const withLongLists = asking.filter(service => service !== 'cart')

export const onePerItem: Fault = {
  name: 'n-plus-one',
  family: 'F17',
  about: 'a service asks for each entry of a list on its own, one after the other',
  symptom: 'lists take the longer the more they hold, at any load; single things are fast',
  parameters: { service: choice('which service asks', asking) },
  label: ({ service }) => ({ service: String(service), pattern: 'P17', resource: 'n+1' }),
  set: (surface, { service }) =>
    surface.changeService(
      { service: service as ServiceName },
      { entriesPerCall: 1, callsAtOnce: 1 },
    ),
}

export const chatty: Fault = {
  name: 'chatty',
  family: 'F17',
  about: 'an order list asks shipment, payment and catalog about each entry, a few at a time',
  symptom: 'order lists with their parts are slow, and the services asked get many small calls',
  parameters: {
    callsAtOnce: number('calls for one list that are open at once', {
      ...{ default: 2, min: 1, max: 10, drawn: [1, 2] },
    }),
  },
  label: () => ({ service: 'order', pattern: 'P17', resource: 'chatty' }),
  set: (surface, { callsAtOnce }) =>
    surface.changeService(
      { service: 'order' },
      { entriesPerCall: 1, callsAtOnce: Number(callsAtOnce) },
    ),
}

export const serialised: Fault = {
  name: 'serialised-calls',
  family: 'F17',
  about: 'a service asks for a few entries of a list at a time, and makes all calls in turn',
  symptom: 'requests take the sum of what their parts take, at any load',
  parameters: {
    service: choice('which service calls', asking, withLongLists),
    entriesPerCall: number('entries in one call', { default: 2, min: 1, max: 100, drawn: [2, 2] }),
  },
  label: ({ service }) => ({ service: String(service), pattern: 'P17', resource: 'serial calls' }),
  set: (surface, { service, entriesPerCall }) =>
    surface.changeService(
      { service: service as ServiceName },
      { entriesPerCall: Number(entriesPerCall), callsInTurn: true },
    ),
}
