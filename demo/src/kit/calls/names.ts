import { Resolver } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { Counter, Histogram, type Registry } from 'prom-client'

export interface NameSettings {
  /** '127.0.0.1:5353': asked for each new connection to another service; '': nobody is asked. */
  nameServer: string
  /** Domains tried before the name itself, separated by commas, as with ndots:5. */
  nameSearchDomains: string
}

export const noNameServer: NameSettings = { nameServer: '', nameSearchDomains: '' }

/** A service under its name instead of its address. */
export interface NamedPeer {
  readonly hostname: string
  readonly lookup: LookupFunction
}

/** Names of services as the name server knows them: 'catalog.shop.internal'. */
export const shopDomain = 'shop.internal'

const lookupBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const queryTimeoutMs = 2_000
const triesMax = 2

/** What Node calls the answers of a name server, and what the servers call them. */
const rcodes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'NXDOMAIN',
  ENODATA: 'NODATA',
  ESERVFAIL: 'SERVFAIL',
  EREFUSED: 'REFUSED',
  ETIMEOUT: 'TIMEOUT',
}

/** Finds services through a name server, when the settings name one; nothing is remembered. */
export class Names {
  readonly #settings: NameSettings
  readonly #lookups: Counter
  readonly #duration: Histogram
  #resolver: { readonly server: string; readonly resolver: Resolver } | undefined

  constructor(options: { readonly settings: NameSettings; readonly registry: Registry }) {
    this.#settings = options.settings
    const registers = [options.registry]
    this.#lookups = new Counter({
      name: 'dns_lookups_total',
      help: 'Questions to the name server by its answer; TIMEOUT when there was none',
      labelNames: ['rcode'],
      registers,
    })
    this.#duration = new Histogram({
      name: 'dns_lookup_duration_seconds',
      help: 'Time to find an address for a new connection, all search domains together',
      labelNames: ['dns_question_name', 'error_type'],
      buckets: lookupBuckets,
      registers,
    })
  }

  /** Undefined: the service is called at its address. */
  of(peer: string): NamedPeer | undefined {
    if (this.#settings.nameServer === '') return undefined
    const lookup: LookupFunction = (hostname, options, callback) => {
      this.#find(hostname).then(
        address => {
          if (options.all === true) callback(null, [{ address, family: 4 }])
          else callback(null, address, 4)
        },
        (error: NodeJS.ErrnoException) => callback(error, []),
      )
    }
    return { hostname: `${peer}.${shopDomain}`, lookup }
  }

  async #find(hostname: string): Promise<string> {
    const startedMs = performance.now()
    let failed: string | undefined
    try {
      return await this.#search(hostname)
    } catch (error) {
      failed = codeOf(error)
      throw error
    } finally {
      const labels = { dns_question_name: hostname, ...(failed && { error_type: failed }) }
      this.#duration.observe(labels, (performance.now() - startedMs) / 1_000)
    }
  }

  /** A domain that does not know the name leads to the next one; any other failure is final. */
  async #search(hostname: string): Promise<string> {
    const domains = this.#settings.nameSearchDomains.split(',').filter(domain => domain !== '')
    for (const domain of domains) {
      const found = await this.#ask(`${hostname}.${domain}`).catch((error: unknown) => {
        if (codeOf(error) === 'ENOTFOUND') return undefined
        throw error
      })
      if (found !== undefined) return found
    }
    return this.#ask(hostname)
  }

  async #ask(name: string): Promise<string> {
    try {
      const [address] = await this.#current().resolve4(name)
      if (address === undefined) throw Object.assign(new Error(name), { code: 'ENODATA' })
      this.#lookups.inc({ rcode: 'NOERROR' })
      return address
    } catch (error) {
      this.#lookups.inc({ rcode: rcodes[codeOf(error)] ?? codeOf(error) })
      throw error
    }
  }

  #current(): Resolver {
    const { nameServer } = this.#settings
    if (this.#resolver?.server === nameServer) return this.#resolver.resolver
    const resolver = new Resolver({ timeout: queryTimeoutMs, tries: triesMax })
    resolver.setServers([nameServer])
    this.#resolver = { server: nameServer, resolver }
    return resolver
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
