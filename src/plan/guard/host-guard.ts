import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { UsageError } from '../../base/index.ts'
import { isPrivateAddress } from './private-address.ts'

/** Addresses of a name; rejects when it cannot be resolved. */
export type Lookup = (name: string) => Promise<readonly string[]>

/** 'unknown': the name cannot be resolved, so nothing can be loaded there either. */
export type HostVerdict = 'allowed' | 'refused' | 'unknown'

/** Says which hosts a run may load, while it is planned and for URLs that a script makes later. */
export interface HostGuard {
  /**
   * Whether a host (name or address, IPv6 with or without brackets) is private or listed. The
   * answer comes at once for addresses, listed names and names asked for before; a new name is
   * resolved once. A name is private only when all its addresses are, whatever it is called.
   * 'unknown' is asked again the next time.
   */
  verdictOf(host: string): HostVerdict | Promise<HostVerdict>
  /**
   * Whether a connection to `address`, which `host` was just resolved to, may be opened. Asked at
   * the moment of connecting it also covers redirects, names that resolve only now, and names that
   * resolve to something else than they did when the plan was guarded. Costs no lookup.
   */
  mayConnect(host: string, address: string): boolean
}

/** Names remembered at most; each further one that a script makes up is resolved anew. */
const rememberedNamesMax = 1_000

/** `allowedHosts` holds names, addresses, and '*.example.com' for all names below example.com. */
export function hostGuard(
  allowedHosts: readonly string[],
  resolve: Lookup = addressesOf,
): HostGuard {
  const listed = allowedHosts.map(bareHost)
  const known = new Map<string, HostVerdict>()
  const isListed = (name: string) => listed.some(entry => covers(entry, name))
  return {
    mayConnect: (host, address) => isPrivateAddress(address) || isListed(bareHost(host)),
    verdictOf: host => {
      const name = bareHost(host)
      if (isListed(name)) return 'allowed'
      if (isIP(name) !== 0) return isPrivateAddress(name) ? 'allowed' : 'refused'
      return known.get(name) ?? verdictOfName(name, { resolve, known })
    },
  }
}

async function verdictOfName(
  name: string,
  { resolve, known }: { resolve: Lookup; known: Map<string, HostVerdict> },
): Promise<HostVerdict> {
  const addresses = await resolve(name).catch(() => [])
  if (addresses.length === 0) return 'unknown'
  const verdict = addresses.every(isPrivateAddress) ? 'allowed' : 'refused'
  if (known.size < rememberedNamesMax) known.set(name, verdict)
  return verdict
}

/** Lower case, without brackets, port and the dot of a fully qualified name. */
function bareHost(host: string): string {
  const lower = host.trim().toLowerCase()
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(lower)?.[1]
  if (bracketed !== undefined) return bracketed
  if (isIP(lower) === 6) return lower
  return lower.replace(/:\d+$/, '').replace(/\.$/, '')
}

function covers(entry: string, name: string): boolean {
  if (!entry.startsWith('*.')) return entry === name
  return name.endsWith(entry.slice(1)) && name.length > entry.length - 1
}

/** Refuses entries that would allow more than was meant. */
export function checkAllowedHosts(allowedHosts: readonly string[]): void {
  for (const entry of allowedHosts) {
    const name = entry.startsWith('*.') ? entry.slice(2) : entry
    if (/^[\w.:[\]-]+$/.test(name) && (entry === name || name.includes('.'))) continue
    throw new UsageError(
      'ALLOWED_HOST',
      `allowed host ${JSON.stringify(entry)}: write a host name without scheme or path, ` +
        `such as shop.example.com, or *.example.com for all names below it`,
    )
  }
}

async function addressesOf(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(one => one.address)
}
