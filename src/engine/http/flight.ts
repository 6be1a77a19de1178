import { assert } from '../../base/index.ts'
import type { ExchangeSource, KeptExchange } from '../../metrics/index.ts'
import type { Answer } from '../../protocols/index.ts'
import { HttpResponse } from './answer/http-response.ts'
import { keptExchange } from './answer/kept-exchange.ts'
import { bodyNeededAgain, redirectOf, tooManyRedirects } from './answer/redirect.ts'
import {
  checkSchema,
  runChecks,
  statusFailure,
  ThrownInCheck,
  type Outcome,
} from './answer/verdict.ts'
import { Outgoing } from './request/outgoing.ts'
import { Wishes, type AnyOptions } from './request/wishes.ts'
import type { ScenarioHttp, TemplateCache } from './scenario-http.ts'
import { ExchangeAborted, RequiredExchangeFailed } from './script-errors.ts'
import type { Series } from './series.ts'
import type { SessionState } from './session-state.ts'

type Resolve = (response: HttpResponse) => void
type Reject = (error: unknown) => void

const idleFlightsMax = 1000
/** An answer up to this size is held for the rest of its second, one of each name at most. */
const heldAnswerBytesMax = 16_384
const nowhere = (): void => undefined

/** Flights of one scenario that wait for their next call: as many as ever flew at once. */
export class FlightPool {
  readonly http: ScenarioHttp
  readonly #idle: Flight[] = []

  constructor(http: ScenarioHttp) {
    this.http = http
  }

  take(): Flight {
    return this.#idle.pop() ?? new Flight(this)
  }

  giveBack(flight: Flight): void {
    if (this.#idle.length < idleFlightsMax) this.#idle.push(flight)
  }
}

/**
 * One call of the script from its options to its settled promise: requests, verdict, sample. The
 * next call of any user of the scenario uses it again, functions included, so that an exchange
 * allocates only what the script gets: a promise and a response.
 */
export class Flight implements ExchangeSource {
  readonly #pool: FlightPool
  readonly #http: ScenarioHttp
  readonly #request: Outgoing
  readonly #wishes: Wishes
  readonly #executor: (resolve: Resolve, reject: Reject) => void
  readonly #done: (answer: Answer) => void
  #state: SessionState | undefined
  #method: TemplateCache | string | undefined
  #text = ''
  #options: AnyOptions | undefined
  #resolve: Resolve = nowhere
  #reject: Reject = nowhere
  #series: Series | undefined
  #answer: Answer | undefined
  #startDelayUs = 0.5
  #iteration = 0
  #startedAtUs = 0.5
  #redirects = 0
  #bytesIn = 0
  #bytesOut = 0
  #retries = 0
  /** Span that the exchange belongs to; undefined: no span is made of it. */
  #parentSpanId: string | undefined

  constructor(pool: FlightPool) {
    this.#pool = pool
    this.#http = pool.http
    this.#request = new Outgoing(pool.http)
    this.#wishes = new Wishes(pool.http.durationsUs)
    this.#executor = (resolve, reject) => this.#start(resolve, reject)
    this.#done = answer => this.#land(answer)
  }

  /** Four arguments, because an object for them would be made for every exchange. */
  send(
    state: SessionState,
    method: TemplateCache | string,
    text: string,
    options: AnyOptions | undefined,
  ): Promise<HttpResponse> {
    this.#state = state
    this.#method = method
    this.#text = text
    this.#options = options
    return new Promise(this.#executor)
  }

  /** Runs inside the promise: what it throws, the script's mistakes, rejects it. */
  #start(resolve: Resolve, reject: Reject): void {
    const state = this.#state!
    const method = this.#method!
    try {
      const templates = typeof method === 'string' ? this.#http.method(method) : method
      const template = templates.find(this.#text)
      this.#wishes.read(this.#options, this.#http.scenario.timeoutUs)
      const { name } = this.#wishes
      this.#series = name === undefined ? template.series : this.#http.series(name)
      this.#request.begin(state, template, this.#wishes)
    } catch (error) {
      this.#release()
      throw error
    }
    this.#resolve = resolve
    this.#reject = reject
    this.#iteration = state.user.iteration
    this.#startDelayUs = state.user.pendingStartDelayUs
    state.user.pendingStartDelayUs = 0
    const { spans } = this.#http
    if (spans !== undefined) this.#parentSpanId = spans.parentFor(state.user, this.#request.traceId)
    state.client.exchange(this.#request, this.#done)
  }

  #land(answer: Answer): void {
    const { status } = answer
    if (this.#redirects === 0) this.#startedAtUs = answer.startedAtUs
    this.#bytesIn += answer.bytesIn
    this.#bytesOut += answer.bytesOut
    if (answer.retries > 0) this.#retries += answer.retries
    if (answer.setsCookies) this.#storeCookies(answer)
    let failure = answer.failure
    if (failure === undefined && status >= 300 && status < 400) {
      const followed = this.#follow(answer)
      if (followed === true) return
      failure = followed
    }
    if (failure === 'aborted') return this.#abort(answer)
    const request = this.#request
    const response = new HttpResponse(answer, this.#series!, request, this.#startedAtUs)
    failure ??= statusFailure(status, this.#wishes.expect)
    response.failure = failure
    if (this.#wishes.judges) this.#judge(answer, response, failure)
    else this.#settle(answer, response, failure)
  }

  /** True: another request is on its way. Else why the redirect fails; undefined: it is none. */
  #follow(answer: Answer): true | string | undefined {
    const wishes = this.#wishes
    if (wishes.redirectsMax === 0) return undefined
    const redirect = redirectOf(answer, this.#request, this.#http.origin)
    if (redirect === undefined || typeof redirect === 'string') return redirect
    if (this.#redirects >= wishes.redirectsMax) return tooManyRedirects
    if (this.#request.isSingleUse && !redirect.dropsBody) return bodyNeededAgain
    const leftUs = wishes.timeoutUs - (answer.endedAtUs - this.#startedAtUs)
    if (leftUs <= 0) return 'timeout'
    if (this.#parentSpanId !== undefined) this.#tellSpan(answer, undefined)
    this.#redirects += 1
    this.#request.follow(redirect, this.#state!, wishes)
    this.#request.timeoutUs = leftUs
    this.#state!.client.exchange(this.#request, this.#done)
    return true
  }

  #judge(answer: Answer, response: HttpResponse, failed: string | undefined): void {
    const { expect, schema } = this.#wishes
    const series = this.#series!
    if (expect !== undefined) series.recordCheck('status', failed)
    if (schema === undefined) return this.#check(answer, response, failed)
    const outcome = checkSchema(schema, failed, response, series)
    if (!(outcome instanceof Promise)) return this.#check(answer, response, outcome)
    void outcome.then(settled => this.#check(answer, response, settled))
  }

  #check(answer: Answer, response: HttpResponse, outcome: Outcome): void {
    if (outcome instanceof ThrownInCheck) return this.#settle(answer, response, outcome)
    response.failure = outcome
    const { check } = this.#wishes
    this.#settle(answer, response, runChecks(check, outcome, response, this.#series!))
  }

  #settle(answer: Answer, response: HttpResponse, outcome: Outcome): void {
    const thrown = outcome instanceof ThrownInCheck ? outcome : undefined
    const failure = outcome instanceof ThrownInCheck ? outcome.failure : outcome
    response.failure = failure
    this.#record(answer, failure)
    if (this.#parentSpanId !== undefined) this.#tellSpan(answer, failure)
    const resolve = this.#resolve
    const reject = this.#reject
    const isRequired = this.#wishes.required
    const name = this.#series!.name
    this.#release()
    if (thrown !== undefined) reject(thrown.error)
    else if (failure !== undefined && isRequired) {
      reject(new RequiredExchangeFailed(`${name}: ${failure}`))
    } else resolve(response)
  }

  #record(answer: Answer, failure: string | undefined): void {
    const { recorder, sample } = this.#http
    if (recorder === undefined) return
    const { user } = this.#state!
    sample.seriesId = this.#series!.id
    sample.intendedAtUs = this.#startedAtUs - this.#startDelayUs
    sample.startedAtUs = this.#startedAtUs
    sample.endedAtUs = answer.endedAtUs
    sample.status = answer.status
    sample.failure = failure
    sample.bytesIn = this.#bytesIn
    sample.bytesOut = this.#bytesOut
    sample.userId = user.id
    sample.iteration = this.#iteration
    sample.traceId = this.#request.traceId
    sample.timings = answer
    sample.exchange = this
    this.#answer = answer
    recorder.record(sample)
    if (this.#retries > 0) recorder.retried(sample, this.#retries)
  }

  /** The last request of a chain and its answer; only for a sample that may be kept. */
  capture(): () => KeptExchange {
    const { method, origin, target, head } = this.#request
    const answer = this.#answer
    assert(answer !== undefined, 'an exchange is captured while its sample is recorded')
    const make = () => keptExchange({ method, url: origin.key + target, head, answer })
    if (answer.bytesIn <= heldAnswerBytesMax) return make
    const made = make()
    return () => made
  }

  /** A span of the request that was answered last: a redirect is a request of its own. */
  #tellSpan(answer: Answer, failure: string | undefined): void {
    const { method, origin, target, head } = this.#request
    const parentSpanId = this.#parentSpanId ?? ''
    const redirects = this.#redirects
    const sent = { method, origin, target, head, parentSpanId, redirects }
    const ended = { scenario: this.#http.scenario.name, name: this.#series!.name, failure }
    this.#http.spans?.request(this.#state!.user, sent, answer, ended)
  }

  #storeCookies(answer: Answer): void {
    const { origin, target } = this.#request
    this.#state!.cookieStore().store(answer.headerLines('set-cookie'), origin, target)
  }

  /** The run's end cut it off: says nothing about the target, so nothing is recorded. */
  #abort(answer: Answer): void {
    if (this.#parentSpanId !== undefined) this.#tellSpan(answer, 'cut off by the end of the run')
    const reject = this.#reject
    const name = this.#series!.name
    this.#release()
    reject(new ExchangeAborted(`${name}: cut off by the end of the run`))
  }

  #release(): void {
    this.#request.clear()
    this.#wishes.clear()
    this.#state = this.#method = this.#options = this.#series = this.#answer = undefined
    this.#resolve = this.#reject = nowhere
    this.#parentSpanId = undefined
    this.#redirects = this.#bytesIn = this.#bytesOut = this.#retries = 0
    this.#pool.giveBack(this)
  }
}
