import type { ServiceName } from '../../services.ts'

/** Whom a route lets in. */
export type Access =
  /** Everyone; an authorization header is not looked at. */
  | 'open'
  /** Everyone, but a bearer token that is sent must be valid. */
  | 'guest'
  /** Only with a valid bearer token. */
  | 'token'
  /** Only with the key for reports: `authorization: Api-Key ...`. */
  | 'report-key'
  /** Only with the key for uploads: `x-api-key: ...`. */
  | 'upload-key'

export interface GatewayRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly service: ServiceName
  /** Path at the service; parameters keep their names. */
  readonly to: string
  readonly access: Access
}

const route = (
  line: string,
  service: ServiceName,
  to: string,
  access: Access = 'open',
): GatewayRoute => {
  const [method, path] = line.split(' ')
  if ((method !== 'GET' && method !== 'POST') || path === undefined) throw new Error(line)
  return { method, path, service, to, access }
}

/** The public API, line by line, and who answers it. */
export const gatewayRoutes: readonly GatewayRoute[] = [
  route('GET /api/catalog/products', 'catalog', '/products'),
  route('GET /api/v1/catalog/products', 'catalog', '/products'),
  route('GET /api/v1/products', 'catalog', '/products'),
  route('GET /products', 'catalog', '/products'),
  route('GET /api/catalog/products/:sku', 'catalog', '/products/:sku'),
  route('GET /api/v1/catalog/products/:sku', 'catalog', '/products/:sku'),
  route('GET /api/v1/products/:sku', 'catalog', '/products/:sku'),
  route('GET /api/v1/search', 'search', '/search'),
  route('GET /api/v1/recommendations', 'recommendation', '/recommendations'),

  route('POST /api/auth/login', 'auth', '/login'),
  route('POST /api/v1/auth/login', 'auth', '/login'),
  route('POST /auth/realms/shop/protocol/openid-connect/token', 'auth', '/token'),
  route('POST /users', 'users', '/users'),

  route('GET /api/cart', 'cart', '/own', 'token'),
  route('POST /api/cart/items', 'cart', '/own/items', 'token'),
  route('POST /api/v1/cart/items', 'cart', '/own/items', 'token'),
  route('POST /api/v1/cart', 'cart', '/carts', 'guest'),
  route('POST /api/v1/cart/:id/items', 'cart', '/carts/:id/items', 'guest'),

  route('POST /api/checkout/shipping', 'checkout', '/shipping', 'token'),
  route('POST /api/checkout/payment', 'checkout', '/payment', 'token'),
  route('POST /api/v1/checkout', 'checkout', '/checkouts', 'guest'),

  route('POST /api/orders', 'order', '/orders/own', 'token'),
  route('GET /api/orders', 'order', '/orders/own', 'token'),
  route('GET /api/orders/:id', 'order', '/orders/:id', 'guest'),
  route('POST /api/v1/orders', 'order', '/orders/from-cart', 'guest'),
  route('GET /api/v1/orders', 'order', '/orders', 'guest'),
  route('POST /orders', 'order', '/orders/one-item', 'guest'),

  route('GET /api/shipments/:id/events', 'shipment', '/shipments/:id/events', 'guest'),

  route('POST /api/v1/inventory/reservations', 'inventory', '/reservations', 'guest'),
  route('POST /payments', 'payment', '/payments', 'guest'),

  route('POST /api/v1/reports/usage', 'jobs', '/reports/usage', 'report-key'),
  route('GET /api/v1/jobs', 'jobs', '/jobs'),
  route('GET /api/v1/jobs/:id', 'jobs', '/jobs/:id'),
  route('GET /api/v1/jobs/:id/result', 'jobs', '/jobs/:id/result'),
  route('POST /api/v1/uploads/presign', 'storage', '/presign', 'upload-key'),
  route('POST /api/v1/documents/process', 'documents', '/documents/process'),
  route('GET /api/v1/documents', 'documents', '/documents'),
  route('GET /api/v1/documents/:id', 'documents', '/documents/:id'),
]
