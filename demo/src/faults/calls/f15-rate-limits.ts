import type { Fault } from '../fault.ts'
import type { ServiceName } from '../../services.ts'
import { choice, number } from '../parameters.ts'

export const rateLimit: Fault = {
  name: 'rate-limit',
  family: 'F15',
  about: 'a service lets only so many requests a second through (token bucket)',
  symptom: 'beyond that rate requests are refused at once with 429; the others are as fast as ever',
  parameters: {
    service: choice(
      'where',
      ['gateway', 'catalog', 'cart', 'order', 'inventory', 'pricing'],
      ['gateway', 'catalog', 'inventory', 'pricing'],
    ),
    requestsPerSecond: number('requests a second for each key', {
      ...{ default: 10, min: 1, max: 10_000, drawn: [6, 12] },
    }),
    key: choice('who shares a bucket', ['global', 'user', 'address'], ['global', 'address']),
  },
  label: ({ service }) => ({ service: String(service), pattern: 'P15', resource: 'rate limit' }),
  set: (surface, { service, requestsPerSecond, key }) =>
    surface.changeService(
      { service: service as ServiceName },
      { rateLimitPerSecond: Number(requestsPerSecond), rateLimitKey: String(key) },
    ),
}

export const proxyRateLimit: Fault = {
  name: 'proxy-rate-limit',
  family: 'F15',
  about: 'the proxy before a service lets only so many requests a second through',
  symptom: 'requests are refused with 429 before they reach the service (response flag RL)',
  needs: 'mesh',
  parameters: {
    at: choice(
      'which proxy',
      ['ingress', 'gateway', 'catalog', 'cart', 'order', 'pricing'],
      ['ingress', 'gateway', 'catalog', 'pricing'],
    ),
    requestsPerSecond: number('requests a second', {
      ...{ default: 10, min: 1, max: 10_000, drawn: [6, 12] },
    }),
  },
  label: ({ at }) => ({ service: String(at), pattern: 'P15', resource: 'rate limit of the proxy' }),
  set: (surface, { at, requestsPerSecond }) =>
    surface.changeProxy(at as ServiceName | 'ingress', {
      requestsPerSecondMax: Number(requestsPerSecond),
    }),
}

export const externalRateLimit: Fault = {
  name: 'external-rate-limit',
  family: 'F15',
  about: 'the bank takes only so many charges a second',
  symptom: 'checkouts fail when many pay at once, though nothing in the shop is busy',
  parameters: {
    requestsPerSecond: number('charges a second', {
      ...{ default: 1, min: 1, max: 1_000, drawn: [1, 1] },
    }),
  },
  label: () => {
    return {
      ...{ service: 'bank', pattern: 'P15', resource: 'rate limit' },
      edge: ['payment', 'bank'],
    }
  },
  set: (surface, { requestsPerSecond }) =>
    surface.changeService({ service: 'bank' }, { requestsPerSecondMax: Number(requestsPerSecond) }),
}
