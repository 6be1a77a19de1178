import { isIP } from 'node:net'
import { hostname } from 'node:os'

const everyAddress = ['0.0.0.0', '::']

/** Whether an address to listen on is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * Whether a Host header may be answered. A page of another site can have its own name resolve to
 * 127.0.0.1 (DNS rebinding) and would then be of the same origin as ours: so only names that nobody
 * else can own are answered. Bound to every address, these are addresses and this machine's name.
 */
export function isOurHost(header: string | undefined, boundHost: string): boolean {
  const host = hostOf(header)
  if (host === undefined) return false
  if (isLoopback(host) || host === boundHost.toLowerCase()) return true
  if (!everyAddress.includes(boundHost)) return false
  return isIP(host) !== 0 || host === hostname().toLowerCase()
}

/** The name without its port, '[::1]' as '::1'; undefined when it is none. */
function hostOf(header: string | undefined): string | undefined {
  const url = `http://${header ?? ''}`
  if (header === undefined || !/^[\w.:[\]-]+$/.test(header) || !URL.canParse(url)) return undefined
  return new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase()
}
