/** The services of the shop, each a process of its own, with the module that defines it. */
export const serviceEntries = {
  gateway: './services/gateway/gateway.ts',
  auth: './services/auth/auth.ts',
  users: './services/users.ts',
  catalog: './services/catalog/catalog.ts',
  pricing: './services/pricing/pricing.ts',
  inventory: './services/inventory/inventory.ts',
  recommendation: './services/recommendation/recommendation.ts',
  search: './services/search.ts',
  cart: './services/cart.ts',
  checkout: './services/checkout.ts',
  payment: './services/payment/payment.ts',
  order: './services/order/order.ts',
  shipment: './services/shipment.ts',
  notification: './services/notification/notification.ts',
  jobs: './services/jobs/jobs.ts',
  storage: './services/storage/storage.ts',
  documents: './services/documents/documents.ts',
  bank: './services/bank.ts',
} as const

export type ServiceName = keyof typeof serviceEntries

export const serviceNames = Object.keys(serviceEntries) as ServiceName[]

/** One process at most: an origin of its own that clients know, or somebody else's. */
export const singleServices: readonly ServiceName[] = ['storage', 'bank']

export function isServiceName(name: string | undefined): name is ServiceName {
  return name !== undefined && Object.hasOwn(serviceEntries, name)
}
