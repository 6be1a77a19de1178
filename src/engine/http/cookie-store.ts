import type { SessionCookies } from '../../plan/index.ts'
import { createCookieJar, type Origin } from '../../protocols/index.ts'

/** One user's cookies: whatever origin they are for, the jar's rules decide where they go. */
export class CookieStore implements SessionCookies {
  readonly #jar = createCookieJar()
  /** The target's root: what the script reads and sets belongs there. */
  readonly #root: string

  constructor(own: Origin) {
    this.#root = `${own.key}/`
  }

  store(lines: readonly string[], origin: Origin, target: string): void {
    this.#jar.storeFrom(origin.key + target, lines)
  }

  /** Value of the cookie header; '' when there is nothing to send. */
  valueFor(origin: Origin, target: string): string {
    return this.#jar.headerFor(origin.key + target)
  }

  get(name: string): string | undefined {
    return this.#jar.get(this.#root, name)
  }

  set(name: string, value: string): void {
    this.#jar.set(this.#root, name, value)
  }

  clear(): void {
    this.#jar.clear()
  }
}
