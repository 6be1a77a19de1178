import { gatewayRoutes } from '../services/gateway/routes.ts'
import type { ServiceName } from '../services.ts'

export interface Call {
  readonly from: ServiceName
  readonly to: ServiceName | 'postgres'
  /** 'queue': the caller's own process works it later, from a table. */
  readonly kind: 'http' | 'queue' | 'database'
}

const calls: Partial<Record<ServiceName, readonly ServiceName[]>> = {
  gateway: [...new Set(gatewayRoutes.map(route => route.service))],
  auth: ['users'],
  catalog: ['pricing', 'inventory'],
  search: ['pricing', 'inventory'],
  recommendation: ['catalog'],
  cart: ['catalog', 'pricing'],
  checkout: ['order', 'payment', 'shipment'],
  order: [
    ...(['cart', 'catalog', 'pricing', 'inventory', 'payment'] as const),
    ...(['shipment', 'notification'] as const),
  ],
  payment: ['bank'],
  documents: ['storage'],
}

const withTables: readonly ServiceName[] = [
  ...(['auth', 'users', 'catalog', 'pricing', 'inventory', 'recommendation', 'search'] as const),
  ...(['cart', 'checkout', 'payment', 'order', 'shipment', 'notification'] as const),
  ...(['jobs', 'documents'] as const),
]

const withQueues: readonly ServiceName[] = ['notification', 'jobs', 'documents']

/**
 * Who calls whom in a healthy shop; a test compares it with traces. A fault may add a call: with
 * `long-transactions` inventory asks pricing.
 */
export const callGraph: readonly Call[] = [
  ...Object.entries(calls).flatMap(([from, all]) =>
    all.map((to): Call => ({ from: from as ServiceName, to, kind: 'http' })),
  ),
  ...withQueues.map((name): Call => ({ from: name, to: name, kind: 'queue' })),
  ...withTables.map((from): Call => ({ from, to: 'postgres', kind: 'database' })),
]
