import type { SessionCookies, SessionHeaders } from '../../plan/index.ts'
import type { ExchangeClient } from '../../protocols/index.ts'
import type { UserTrace } from '../spans/span-maker.ts'
import { CookieStore } from './cookie-store.ts'
import { headerValue, lineValue, withLine, withoutLine } from './request/head-lines.ts'
import type { HeadLines } from './request/head-lines.ts'
import { sessionHeaderName, type ScenarioHttp } from './scenario-http.ts'

/** What the session needs to know of its virtual user; the engine keeps it up to date. */
export interface SessionUser {
  readonly id: number
  /** -1 in onStart. */
  iteration: number
  /**
   * Start delay of the current iteration, µs, until its first exchange took it; then 0. It belongs
   * to that exchange, however long the script thinks before it: the intended start of the exchange
   * is its real start less the delay.
   */
  pendingStartDelayUs: number
  /** True once the user has ended or its iteration is over: a late call is a script error. */
  closed: boolean
  /** Trace of the current iteration, where spans are made. */
  readonly trace?: UserTrace | undefined
}

/** Everything that is one user's own: little, because there are many users. */
export class SessionState {
  readonly http: ScenarioHttp
  readonly user: SessionUser
  readonly client: ExchangeClient
  headers: HeaderList | undefined
  cookies: CookieStore | undefined

  constructor(http: ScenarioHttp, user: SessionUser, client: ExchangeClient) {
    this.http = http
    this.user = user
    this.client = client
  }

  sessionHeaders(): SessionHeaders {
    return (this.headers ??= new HeaderList(this.http.lines))
  }

  sessionCookies(): SessionCookies {
    return this.cookieStore()
  }

  cookieStore(): CookieStore {
    return (this.cookies ??= new CookieStore(this.http.origin))
  }
}

/** The session's headers: set seldom, sent often, so they are kept as they are sent. */
export class HeaderList implements SessionHeaders {
  /** The lines of a request to the scenario's target, session headers included. */
  lines: HeadLines
  /** Session headers alone. */
  own: HeadLines = ''
  readonly #scenarioLines: HeadLines

  constructor(scenarioLines: HeadLines) {
    this.#scenarioLines = scenarioLines
    this.lines = scenarioLines
  }

  set(name: string, value: string): void {
    const lower = sessionHeaderName(name)
    this.own = withLine(this.own, lower, headerValue(lower, value))
    this.lines = mergedLines(this.#scenarioLines, this.own)
  }

  get(name: string): string | undefined {
    return lineValue(this.own, name.toLowerCase())
  }

  delete(name: string): void {
    this.own = withoutLine(this.own, name.toLowerCase())
    this.lines = mergedLines(this.#scenarioLines, this.own)
  }
}

/** `base` with each of `added` in place of what it had under that name. */
export function mergedLines(base: HeadLines, added: HeadLines): HeadLines {
  let rest = base
  for (const line of added.split('\r\n')) {
    if (line !== '') rest = withoutLine(rest, line.slice(0, line.indexOf(':')))
  }
  return rest + added
}
