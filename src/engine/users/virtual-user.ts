import { seededRandom, type Log, type Random } from '../../base/index.ts'
import type { AnyUser } from '../../plan/index.ts'
import { ExchangeAborted, RequiredExchangeFailed, ScriptError } from '../http/script-errors.ts'
import type { SessionUser } from '../http/session-state.ts'
import { openSession, type ClosableSession } from '../http/session.ts'
import type { UserTrace } from '../spans/span-maker.ts'
import type { CleanupOwner } from './cleanups.ts'
import type { Row } from '../scenario/data-feed.ts'
import { durationOfText } from './duration-texts.ts'
import type { RenewableClient } from '../scenario/scenario-clients.ts'
import type { ScenarioContext } from '../scenario/scenario-context.ts'
import { runPoll, runStep, type PollTiming, type TimedUser } from './timed-work.ts'

export type Phase = 'starting' | 'idle' | 'iterating' | 'stopping' | 'ended'

const noRows: Readonly<Record<string, Row>> = Object.freeze({})

/**
 * One running copy of a scenario's behaviour: what scripts see as `user`. It holds only what
 * differs from user to user, and makes what many scripts never ask for (random, signal, session) on
 * first use.
 */
export class VirtualUser implements AnyUser, SessionUser, CleanupOwner, TimedUser {
  readonly id: number
  readonly context: ScenarioContext
  readonly data: Readonly<Record<string, Row>>
  iteration = -1
  state: unknown = undefined
  pendingStartDelayUs = 0
  closed = true
  phase: Phase = 'starting'
  trace: UserTrace | undefined = undefined
  /** The stop timeout is over: exchanges and pauses under way have been cut off. */
  aborted = false
  #client: RenewableClient | undefined = undefined
  #http: ClosableSession | undefined = undefined
  #random: Random | undefined = undefined
  #abort: AbortController | undefined = undefined

  constructor(context: ScenarioContext) {
    this.context = context
    this.id = context.takeUserId()
    this.data = context.feeds.any ? {} : noRows
  }

  get http(): ClosableSession {
    return (this.#http ??= this.#openSession())
  }

  get random(): Random {
    return (this.#random ??= seededRandom(this.context.worker.options.plan.seed, `user ${this.id}`))
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.aborted) this.#abort.abort()
    }
    return this.#abort.signal
  }

  get env(): Readonly<Record<string, string>> {
    return this.context.worker.options.plan.env
  }

  get log(): Log {
    return this.context.log
  }

  get countsNoMore(): boolean {
    return this.aborted || this.phase === 'ended'
  }

  setup<T>(): T {
    return this.context.worker.options.setup as T
  }

  async think(min: string, max?: string): Promise<void> {
    this.#mustBeOpen('think')
    const minUs = durationOfText(min, 'user.think')
    if (max === undefined) return this.sleep(minUs)
    const maxUs = durationOfText(max, 'user.think')
    return this.sleep(minUs + this.random.float() * (maxUs - minUs))
  }

  async step<T>(name: string, run: () => Promise<T>): Promise<T> {
    this.#mustBeOpen('step')
    return runStep(this, name, run)
  }

  async poll<T>(
    name: string,
    timing: PollTiming,
    attempt: () => Promise<T | undefined | false>,
  ): Promise<T | undefined> {
    this.#mustBeOpen('poll')
    return runPoll(this, { name, timing }, attempt)
  }

  cleanup(run: () => Promise<void>): void {
    this.#mustBeOpen('cleanup')
    this.context.worker.cleanups.add(this, run)
  }

  /**
   * A pause inside the script's own code; rejects with ExchangeAborted when the user is aborted.
   */
  sleep(delayUs: number): Promise<void> {
    return this.context.worker.alarms.sleep(delayUs, this)
  }

  /** Cuts off what is under way. The alarms are told once for all users (`Alarms.ringAborted`). */
  abort(): void {
    this.aborted = true
    this.#abort?.abort()
    this.closeConnections()
  }

  /** Ends its own connections; a later exchange would open new ones. */
  closeConnections(): void {
    if (this.#client !== undefined) this.context.clients.release(this.#client)
  }

  beginCleanup(): void {
    this.#http = this.http.unmeasured()
    this.closed = false
  }

  endCleanup(): void {
    this.closed = true
    this.closeConnections()
  }

  cleanupFailed(thrown: unknown): void {
    if (thrown instanceof ExchangeAborted) return
    if (thrown instanceof RequiredExchangeFailed) {
      this.log.warn(`scenario ${this.context.plan.name}: a cleanup ended early: ${thrown.message}`)
    } else {
      this.context.scriptError(thrown)
    }
  }

  #openSession(): ClosableSession {
    const { context } = this
    const { options, tracing, spans } = context.worker
    this.#client = context.clients.forUser()
    return openSession({
      scenario: context.plan,
      user: this,
      client: this.#client,
      clock: context.clock,
      recorder: context.recorder,
      tracing,
      spans,
      log: context.log,
      scriptFolder: options.scriptFolder,
    })
  }

  #mustBeOpen(what: string): void {
    if (!this.closed) return
    throw new ScriptError(
      `user.${what}() was called after the iteration had ended; is an await missing?`,
    )
  }
}
