import type { Clock, Log } from '../../base/index.ts'
import type { Recorder } from '../../metrics/index.ts'
import type {
  HttpSession,
  Response,
  ScenarioPlan,
  SessionCookies,
  SessionHeaders,
} from '../../plan/index.ts'
import type { ExchangeClient } from '../../protocols/index.ts'
import type { SpanMaker } from '../spans/span-maker.ts'
import { FlightPool } from './flight.ts'
import type { AnyOptions } from './request/wishes.ts'
import { ScenarioHttp, type TemplateCache } from './scenario-http.ts'
import { ScriptError } from './script-errors.ts'
import { SessionState, type SessionUser } from './session-state.ts'
import type { Tracing } from './trace-context.ts'

export interface SessionOptions {
  readonly scenario: ScenarioPlan
  readonly user: SessionUser
  readonly client: ExchangeClient
  readonly clock: Clock
  /** undefined: nothing is measured (setup, teardown, cleanup). */
  readonly recorder: Recorder | undefined
  readonly tracing: Tracing
  /** @default no spans are made */
  readonly spans?: SpanMaker | undefined
  readonly log: Log
  /** Folder of the script: relative file paths of multipart parts start here. */
  readonly scriptFolder: string
}

export interface ClosableSession extends HttpSession {
  /** The same session (headers, cookies, connections) with nothing recorded: for cleanup. */
  unmeasured(): ClosableSession
  /** Ends its own connections (not a shared client's). */
  close(): void
}

/**
 * The HTTP session of one virtual user. Sessions with the same scenario, recorder and tracing share
 * what is the same for all: compiled templates, header lines, series.
 */
export function openSession(options: SessionOptions): ClosableSession {
  const pool = poolFor(options)
  const state = new SessionState(pool.http, options.user, options.client)
  const closesClient = options.scenario.connections !== 'shared'
  return new Session(pool, state, closesClient)
}

const pools = new WeakMap<Tracing, FlightPool[]>()

type PoolOptions = Pick<SessionOptions, 'scenario' | 'recorder' | 'tracing' | 'scriptFolder'> &
  Pick<SessionOptions, 'spans'>

function poolFor({ scenario, recorder, tracing, spans, scriptFolder }: PoolOptions): FlightPool {
  const known = pools.get(tracing) ?? []
  const found = known.find(({ http }) => http.scenario === scenario && http.recorder === recorder)
  if (found !== undefined) return found
  const made = new FlightPool(
    new ScenarioHttp({ scenario, recorder, tracing, spans, scriptFolder }),
  )
  pools.set(tracing, [...known, made])
  return made
}

class Session implements ClosableSession {
  readonly #pool: FlightPool
  readonly #state: SessionState
  readonly #closesClient: boolean

  constructor(pool: FlightPool, state: SessionState, closesClient: boolean) {
    this.#pool = pool
    this.#state = state
    this.#closesClient = closesClient
  }

  get(template: string, options?: AnyOptions): Promise<Response> {
    return this.#send(this.#pool.http.get, template, options)
  }

  post(template: string, options?: AnyOptions): Promise<Response> {
    return this.#send(this.#pool.http.post, template, options)
  }

  put(template: string, options?: AnyOptions): Promise<Response> {
    return this.#send(this.#pool.http.put, template, options)
  }

  patch(template: string, options?: AnyOptions): Promise<Response> {
    return this.#send(this.#pool.http.patch, template, options)
  }

  delete(template: string, options?: AnyOptions): Promise<Response> {
    return this.#send(this.#pool.http.delete, template, options)
  }

  head(template: string, options?: AnyOptions): Promise<Response> {
    return this.#send(this.#pool.http.head, template, options)
  }

  options(template: string, options?: AnyOptions): Promise<Response> {
    return this.#send(this.#pool.http.options, template, options)
  }

  request(method: string, template: string, options?: AnyOptions): Promise<Response> {
    return this.#send(method, template, options)
  }

  get headers(): SessionHeaders {
    return this.#state.sessionHeaders()
  }

  get cookies(): SessionCookies {
    return this.#state.sessionCookies()
  }

  unmeasured(): ClosableSession {
    const { scenario, tracing, scriptFolder } = this.#pool.http
    const { user, client, headers, cookies } = this.#state
    const pool = poolFor({ scenario, tracing, scriptFolder, recorder: undefined })
    const state = new SessionState(pool.http, user, client)
    state.headers = headers
    state.cookies = cookies
    return new Session(pool, state, this.#closesClient)
  }

  close(): void {
    if (this.#closesClient) this.#state.client.close()
  }

  #send(
    method: TemplateCache | string,
    text: string,
    options: AnyOptions | undefined,
  ): Promise<Response> {
    const state = this.#state
    if (state.user.closed) return tooLate(text)
    return this.#pool.take().send(state, method, text, options)
  }
}

function tooLate(template: string): Promise<never> {
  return Promise.reject(
    new ScriptError(
      `${template} was asked for after the iteration had ended, so it was not sent: ` +
        `an await is missing before an earlier call`,
    ),
  )
}
