import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Refusal } from '../api.ts'
import { isCrossSite } from './cross-site.ts'
import { isOurHost } from './host-check.ts'
import { sameSecret } from './same-secret.ts'

export interface AccessOptions {
  /** The address that is listened on. */
  readonly boundHost: string
  readonly token: string | undefined
  /** Cookies are shared by all ports of a host: this keeps two dashboards apart. */
  readonly port: () => number
}

/** Lets nobody else's pages in, and with a token nobody who does not have it. */
export function accessGuard(options: AccessOptions): MiddlewareHandler {
  return async (context, next) => {
    const { method, path } = context.req
    const header = (name: string) => context.req.header(name)
    if (!isOurHost(header('host'), options.boundHost)) {
      return refused(context, 403, `this dashboard is not at the host ${header('host') ?? '""'}`)
    }
    if (isCrossSite({ method, path, header })) {
      return refused(context, 403, 'a page of another site may not use this dashboard')
    }
    const { token } = options
    if (token === undefined) return next()
    const given = context.req.query('token')
    if (given !== undefined && method === 'GET' && sameSecret(given, token)) {
      return signedIn(context, options, token)
    }
    if (isKnown(context, options, token)) return next()
    return refused(
      context,
      401,
      'this dashboard needs its token: open /?token=<token>, ' +
        'or send "authorization: Bearer <token>"',
    )
  }
}

function isKnown(context: Context, options: AccessOptions, token: string): boolean {
  const bearer = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1]
  if (bearer !== undefined) return sameSecret(bearer, token)
  return sameSecret(getCookie(context, cookieName(options)) ?? '', token)
}

/** The token leaves the address bar, and with it the browser's history. */
function signedIn(context: Context, options: AccessOptions, token: string) {
  setCookie(context, cookieName(options), token, { path: '/', httpOnly: true, sameSite: 'Strict' })
  const target = new URL(context.req.url)
  target.searchParams.delete('token')
  // A path that begins with two slashes would lead to another host.
  return context.redirect(target.pathname.replace(/^\/+/, '/') + target.search, 303)
}

const cookieName = (options: AccessOptions) => `loadstone_${options.port()}`

/** A Refusal: JSON in every case, so that the page can show its words. */
export function refused(
  context: Context,
  status: 400 | 401 | 403 | 404 | 409 | 500,
  error: string,
): Response {
  const refusal: Refusal = { error }
  return context.json(refusal, status)
}
