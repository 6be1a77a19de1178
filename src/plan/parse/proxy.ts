import { UsageError } from '../../base/index.ts'
import type { Target } from '../test-plan.ts'
import type { ProxySettings } from './overrides.ts'

/**
 * The proxy for a target, undefined for none. NO_PROXY is a list of host names, each with its
 * sub-domains, optionally with a port; '*' means all. Loopback targets and Unix sockets never go
 * through a proxy: it would reach its own machine, not this one.
 */
export function proxyFor(target: Target, settings: ProxySettings | undefined): string | undefined {
  if (settings === undefined || target.socketPath !== undefined) return undefined
  const url = new URL(target.origin)
  const isHttps = url.protocol === 'https:'
  const written = isHttps ? settings.https : settings.http
  if (written === undefined || written.trim() === '') return undefined
  if (isLoopback(url.hostname) || isExempt(url, settings.no ?? '')) return undefined
  return proxyUrl(written.trim(), isHttps ? 'HTTPS_PROXY' : 'HTTP_PROXY')
}

const isLoopback = (hostname: string) =>
  /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname) || hostname.endsWith('.localhost')

function isExempt(url: URL, list: string): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      if (entry === '*') return true
      const [, name = entry, wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
      const domain = name.replace(/^\*?\./, '')
      const isSame = url.hostname === domain || url.hostname.endsWith(`.${domain}`)
      return isSame && (wantedPort === undefined || wantedPort === port)
    })
}

function proxyUrl(written: string, variable: string): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`)
  if (url?.protocol === 'http:') return url.href
  throw new UsageError(
    'PROXY',
    `${variable}: ${JSON.stringify(written)} is not an http:// proxy; ` +
      `correct it, or take the target out with NO_PROXY`,
  )
}
