import { createRequire } from 'node:module'
import type * as ToughCookie from 'tough-cookie'
import { UsageError } from '../base/index.ts'

/** The cookies of one virtual user, by the rules of RFC 6265. */
export interface CookieJar {
  /** Takes over what an answer from `url` sets. Lines that no browser would accept are left out. */
  storeFrom(url: string, setCookieLines: readonly string[]): void
  /** Value of the cookie header for `url`; '' when there is nothing to send. */
  headerFor(url: string): string
  /** Value of a cookie that would be sent to `url`; the one with the longest path wins. */
  get(url: string, name: string): string | undefined
  /**
   * Sets a session cookie for `url`'s host and all its paths. Throws a UsageError (COOKIE_INVALID)
   * when name or value cannot stand in a cookie header.
   */
  set(url: string, name: string, value: string): void
  clear(): void
}

/**
 * A jar that costs next to nothing until the first cookie is stored: the cookie library is loaded
 * then. A header is remembered per URL without its query until the jar changes, unless a cookie
 * with an expiry is in it.
 */
export function createCookieJar(): CookieJar {
  return new LazyCookieJar()
}

const rememberedMax = 64

class LazyCookieJar implements CookieJar {
  #jar: ToughCookie.CookieJar | undefined = undefined
  #remembered: Map<string, string> | undefined = undefined
  #expires = false

  storeFrom(url: string, setCookieLines: readonly string[]): void {
    for (const line of setCookieLines) {
      this.#expires ||= /;\s*(?:expires|max-age)\s*=/i.test(line)
      this.#open().setCookieSync(line, url, { ignoreError: true, loose: true })
    }
    this.#remembered = undefined
  }

  headerFor(url: string): string {
    if (this.#jar === undefined) return ''
    if (this.#expires) return this.#jar.getCookieStringSync(url)
    const page = withoutQuery(url)
    const remembered = this.#remembered?.get(page)
    if (remembered !== undefined) return remembered
    const header = this.#jar.getCookieStringSync(url)
    if (this.#remembered === undefined || this.#remembered.size >= rememberedMax) {
      this.#remembered = new Map()
    }
    this.#remembered.set(page, header)
    return header
  }

  get(url: string, name: string): string | undefined {
    return this.#jar?.getCookiesSync(url).find(cookie => cookie.key === name)?.value
  }

  set(url: string, name: string, value: string): void {
    if (
      !/^[!#$%&'*+.^_`|~\w-]+$/.test(name) ||
      !/^[\x20\x21\x23-\x2b\x2d-\x3a\x3c-\x7e]*$/.test(value)
    ) {
      throw new UsageError(
        'COOKIE_INVALID',
        `cookie "${name}": name or value holds a character that a cookie cannot carry; ` +
          'encode it, e.g. with encodeURIComponent',
      )
    }
    this.#open().setCookieSync(`${name}=${value}; Path=/`, url)
    this.#remembered = undefined
  }

  clear(): void {
    this.#jar = undefined
    this.#remembered = undefined
    this.#expires = false
  }

  #open(): ToughCookie.CookieJar {
    // Hosts of a test are often bare names and addresses: no public suffix list stands in the way.
    this.#jar ??= new (toughCookie().CookieJar)(undefined, { rejectPublicSuffixes: false })
    return this.#jar
  }
}

let loaded: typeof ToughCookie | undefined

function toughCookie(): typeof ToughCookie {
  loaded ??= createRequire(import.meta.url)('tough-cookie') as typeof ToughCookie
  return loaded
}

/** Cookies go by scheme, host and path; a query may differ in every request. */
function withoutQuery(url: string): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}
