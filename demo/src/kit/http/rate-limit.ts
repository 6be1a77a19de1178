import type { IncomingMessage } from 'node:http'
import { Counter, type Registry } from 'prom-client'
import { Problem } from './problem.ts'
import { RequestRate } from './request-rate.ts'

export interface RateLimitSettings {
  /** Requests a second that are let through (token bucket, burst of a second); 0: all. */
  rateLimitPerSecond: number
  /** Who shares a bucket: 'global' all, 'user' those of one token, 'address' those of one host. */
  rateLimitKey: string
}

export const noRateLimit: RateLimitSettings = { rateLimitPerSecond: 0, rateLimitKey: 'global' }

/** Beyond so many keys the one that was not seen for the longest time starts anew. */
const keysMax = 10_000

/** Lets requests through as fast as the settings allow; read at each use. */
export class RateLimit {
  readonly #settings: RateLimitSettings
  readonly #rates = new Map<string, RequestRate>()
  readonly #limited: Counter

  constructor(options: { readonly settings: RateLimitSettings; readonly registry: Registry }) {
    this.#settings = options.settings
    this.#limited = new Counter({
      name: 'http_server_rate_limited_requests_total',
      help: 'Requests answered 429 because of the limit of requests per second',
      labelNames: ['key'],
      registers: [options.registry],
    })
  }

  /** Throws a Problem with status 429 when the bucket of this request is empty. */
  admit(incoming: IncomingMessage): void {
    const { rateLimitPerSecond, rateLimitKey } = this.#settings
    if (rateLimitPerSecond <= 0) {
      if (this.#rates.size > 0) this.#rates.clear()
      return
    }
    const waitS = this.#rateOf(keyOf(incoming, rateLimitKey)).waitS(performance.now())
    if (waitS <= 0) return
    this.#limited.inc({ key: rateLimitKey })
    throw new Problem(429, `more than ${rateLimitPerSecond} requests a second`, {
      'retry-after': String(Math.ceil(waitS)),
      'ratelimit-limit': String(rateLimitPerSecond),
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(Math.ceil(waitS)),
    })
  }

  #rateOf(key: string): RequestRate {
    const perSecondMax = () => this.#settings.rateLimitPerSecond
    const rate = this.#rates.get(key) ?? new RequestRate({ perSecondMax })
    // Again to the end: the first one is then the one not seen for the longest time.
    this.#rates.delete(key)
    this.#rates.set(key, rate)
    const [oldest] = this.#rates.keys()
    if (this.#rates.size > keysMax && oldest !== undefined) this.#rates.delete(oldest)
    return rate
  }
}

/** At the gateway a user is a token; behind it, the name that the gateway vouches for. */
function keyOf(incoming: IncomingMessage, kind: string): string {
  const { authorization, 'x-user-id': userId } = incoming.headers
  const address = incoming.socket.remoteAddress ?? ''
  if (kind === 'address') return address
  if (kind === 'user') return String(authorization ?? userId ?? address)
  return ''
}
