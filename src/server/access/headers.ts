import type { MiddlewareHandler } from 'hono'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * On every answer. Whatever text of a target might reach a page as HTML could neither run nor load
 * nor send anything.
 */
export const safeHeaders: MiddlewareHandler = async (context, next) => {
  await next()
  const set = (name: string, value: string) => context.res.headers.set(name, value)
  set('content-security-policy', policy)
  set('x-content-type-options', 'nosniff')
  set('x-frame-options', 'DENY')
  set('referrer-policy', 'no-referrer')
  set('cross-origin-resource-policy', 'same-origin')
  set('cross-origin-opener-policy', 'same-origin')
  if (!context.res.headers.has('cache-control')) set('cache-control', 'no-store')
}
