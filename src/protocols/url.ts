import { UsageError } from '../base/index.ts'
import type { Origin } from './exchange.ts'

/** An http or https URL, taken apart for an exchange. */
export interface ParsedUrl {
  /** Equal end points give the identical object, so origins may be compared with ===. */
  readonly origin: Origin
  /** Path and query as they go on the request line, '/' at least; the fragment is left out. */
  readonly path: string
  /** 'Basic ...' when the URL holds a user name or password, else undefined. */
  readonly authorization: string | undefined
}

const knownOriginsMax = 10_000
const knownOrigins = new Map<string, Origin>()

/**
 * Takes an absolute http or https URL apart. With `socketPath` the exchange goes to that Unix
 * socket and the URL only names the host. Throws a UsageError (URL_INVALID) for anything else.
 */
export function parseUrl(text: string, socketPath?: string): ParsedUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(
      'URL_INVALID',
      `"${text}" is not an http or https URL; write it whole, e.g. http://127.0.0.1:8080/path`,
    )
  }
  return {
    origin: originOf(url, socketPath),
    path: url.pathname + url.search,
    authorization: basicAuthorization(url),
  }
}

function originOf(url: URL, socketPath: string | undefined): Origin {
  const known = socketPath === undefined ? url.origin : `${url.origin} ${socketPath}`
  const found = knownOrigins.get(known)
  if (found !== undefined) return found
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const origin: Origin = {
    scheme,
    host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port),
    key: url.origin,
    socketPath,
  }
  // A script that makes up host names must not fill the memory; origins are cheap to make again.
  if (knownOrigins.size >= knownOriginsMax) knownOrigins.clear()
  knownOrigins.set(known, origin)
  return origin
}

/** RFC 7617: user and password are UTF-8, percent-decoded, in base64. */
function basicAuthorization(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  const pair = `${decoded(url.username)}:${decoded(url.password)}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

/** A stray % is taken as it stands: a URL may hold one, and a password often does. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, run =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}
