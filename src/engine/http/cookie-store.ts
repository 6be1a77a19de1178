import type { SessionCookies } from '../../plan/index.ts'
import type { Origin } from '../../protocols/index.ts'

/** One user's cookies. */
export class CookieStore implements SessionCookies {
  constructor(_own: Origin) {}
  store(_lines: readonly string[], _origin: Origin, _target: string): void {}
  valueFor(_origin: Origin, _target: string): string {
    return ''
  }
  get(_name: string): string | undefined {
    return undefined
  }
  set(_name: string, _value: string): void {}
  clear(): void {}
}
