import { UsageError } from '../../base/index.ts'
import type { Target } from '../test-plan.ts'
import { kindOf } from '../bundle/script-functions.ts'

/**
 * Reads a base URL: http, https, or unix:/path/to.sock. A text without a scheme that looks like a
 * host ('127.0.0.1:8080', 'shop.internal') is refused with the URL that was probably meant.
 */
export function parseTarget(written: unknown, where: string): Target {
  if (written === undefined || written === '') {
    throw new UsageError(
      'TARGET_MISSING',
      `${where}: no target; write target: 'http://127.0.0.1:8080' in the script, or give -H URL`,
    )
  }
  if (typeof written !== 'string') {
    throw new UsageError('TARGET', `${where} is ${kindOf(written)}; it must be a URL`)
  }
  if (written.startsWith('unix:')) return unixTarget(written, where)
  return urlTarget(parseUrl(written, where), where)
}

function unixTarget(written: string, where: string): Target {
  const socketPath = written.slice('unix:'.length).replace(/^\/\/(?=\/)/, '')
  if (socketPath.startsWith('/')) return { origin: 'http://localhost', basePath: '', socketPath }
  throw new UsageError(
    'TARGET',
    `${where}: ${JSON.stringify(written)} has no absolute socket path; write 'unix:/run/app.sock'`,
  )
}

function parseUrl(written: string, where: string): URL {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(written)
  const url = hasScheme ? URL.parse(written) : null
  if (url !== null) return url
  const guess = hasScheme ? null : URL.parse(`http://${written}`)
  const hint = guess === null ? `write 'http://host:port'` : `did you mean 'http://${written}'?`
  throw new UsageError('TARGET', `${where}: ${JSON.stringify(written)} is not a URL; ${hint}`)
}

function urlTarget(url: URL, where: string): Target {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(
      'TARGET_SCHEME',
      `${where}: ${url.protocol}// is not supported; use http://, https:// or unix:/path/to.sock`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      'TARGET_CREDENTIALS',
      `${where}: the URL carries a user name or password; ` +
        `send them in an authorization header that comes from user.env`,
    )
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UsageError(
      'TARGET',
      `${where}: ${url.search}${url.hash} cannot be part of a base URL; put it in the requests`,
    )
  }
  return {
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    socketPath: undefined,
  }
}
