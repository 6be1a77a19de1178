import { ExchangeAborted, RequiredExchangeFailed } from '../http/script-errors.ts'
import type { ScenarioContext } from '../scenario/scenario-context.ts'
import { VirtualUser } from './virtual-user.ts'

/** Drop reasons: an intended iteration that never started, and why. */
export const dropReasons = {
  /** Open model: every user up to the limit was busy. */
  userLimit: 'user limit',
  paused: 'paused',
  /** The run was stopped, or its time was over, before it could start. */
  stopped: 'stopped',
  /** Its user could not start. */
  onStart: 'onStart failed',
  /** A source of unique rows had none left for it. */
  dataRanOut: 'data ran out',
} as const

/** A script may throw anything, undefined too. */
export const nothingThrown = Symbol('nothing thrown')

/**
 * The live virtual users of one scenario on this worker: how a user starts, iterates and ends, and
 * what counts. When they do so is the drivers' business.
 */
export class Population {
  readonly context: ScenarioContext
  readonly #live = new Set<VirtualUser>()
  readonly #onEnded: () => void

  /** `onEnded` is called each time a user has ended. */
  constructor(context: ScenarioContext, onEnded: () => void) {
    this.context = context
    this.#onEnded = onEnded
  }

  get size(): number {
    return this.#live.size
  }

  /** A new user with its rows; undefined when the rows of a source have run out. */
  add(): VirtualUser | undefined {
    const user = new VirtualUser(this.context)
    const { feeds } = this.context
    if (feeds.any && !feeds.fillUser(user.data, user.random)) {
      return undefined
    }
    this.#live.add(user)
    return user
  }

  /**
   * Runs onStart. 'failed': this user cannot go on and has ended. 'gone': the run's end cut it off.
   */
  async begin(user: VirtualUser): Promise<'ready' | 'failed' | 'gone'> {
    const { onStart } = this.context.functions
    if (onStart !== undefined) {
      user.closed = false
      let failed = false
      try {
        user.state = await onStart(user)
      } catch (thrown) {
        failed = true
        if (user.phase === 'starting') this.#blame(user, thrown)
      }
      if (user.phase !== 'starting') return 'gone'
      user.closed = true
      if (failed || user.aborted) {
        this.#remove(user)
        return user.aborted ? 'gone' : 'failed'
      }
    }
    user.phase = 'idle'
    return 'ready'
  }

  /**
   * Opens the user's next iteration, `startDelayUs` after its intended start. False when the rows
   * of a source have run out: nothing began.
   */
  startIteration(user: VirtualUser, startDelayUs: number): boolean {
    const { feeds, recorder, scenarioId, worker, clock } = this.context
    if (feeds.any && !feeds.fillIteration(user.data, user.random)) {
      return false
    }
    user.iteration += 1
    user.closed = false
    user.phase = 'iterating'
    if (worker.spans !== undefined) user.trace = worker.spans.beginIteration(clock.nowUs())
    recorder.iterationStarted(scenarioId, startDelayUs)
    return true
  }

  /**
   * Closes the iteration: `thrown` is what its function threw, or `nothingThrown`. 'gone': the user
   * was given up meanwhile. 'threw': the script is at fault.
   */
  endIteration(user: VirtualUser, thrown: unknown): 'gone' | 'ended' | 'threw' {
    if (user.phase !== 'iterating') return 'gone'
    if (thrown === nothingThrown) {
      this.#closeIteration(user, 'completed')
      return 'ended'
    }
    const blamed = this.#blame(user, thrown)
    this.#closeIteration(user, blamed === 'nobody' ? 'interrupted' : 'failed')
    return blamed === 'script' ? 'threw' : 'ended'
  }

  /** Runs onStop and ends the user. */
  async end(user: VirtualUser): Promise<void> {
    const { onStop } = this.context.functions
    if (onStop !== undefined) {
      user.phase = 'stopping'
      user.closed = false
      user.pendingStartDelayUs = 0
      try {
        await onStop(user)
      } catch (thrown) {
        // After the user's end nobody listens any more; before it, a fault of the script is told.
        if (this.#live.has(user)) this.#blame(user, thrown)
      }
    }
    this.#remove(user)
  }

  drop(reason: string, count: number): void {
    this.context.recorder.dropped(this.context.scenarioId, reason, count)
  }

  /** Tells the recorder how many virtual users run now. */
  report(users: number): void {
    this.context.recorder.setUsers(this.context.scenarioId, users)
  }

  /** The stop timeout is over: cuts off every exchange and pause under way. */
  abort(): void {
    for (const user of this.#live) user.abort()
    this.context.clients.close()
    this.context.worker.alarms.ringAborted()
  }

  /**
   * Gives up on iterations (and onStarts) that did not even end when they were cut off: they count
   * as interrupted, and onStop runs for their users.
   */
  giveUpIterations(): void {
    for (const user of this.#live) {
      if (user.phase === 'starting') {
        this.#remove(user)
      } else if (user.phase === 'iterating') {
        this.#closeIteration(user, 'interrupted')
        void this.end(user)
      }
    }
  }

  /** Ends all users that are left, whatever they do. Returns their number. */
  giveUpUsers(): number {
    const left = this.#live.size
    for (const user of this.#live) this.#remove(user)
    return left
  }

  #closeIteration(user: VirtualUser, end: 'completed' | 'failed' | 'interrupted'): void {
    user.phase = 'idle'
    user.closed = true
    user.pendingStartDelayUs = 0
    if (user.trace !== undefined) this.#endTrace(user, end)
    this.context.recorder.iterationEnded(this.context.scenarioId, end)
  }

  #endTrace(user: VirtualUser, end: 'completed' | 'failed' | 'interrupted'): void {
    const { plan, clock, worker } = this.context
    const failure = end === 'completed' ? undefined : `iteration ${end}`
    const ended = { scenario: plan.name, name: plan.name, failure, endedAtUs: clock.nowUs() }
    worker.spans?.endIteration(user, ended)
    user.trace = undefined
  }

  /**
   * Who is to blame for what the script threw: nobody (the run's end), the target (already
   * counted), or the script, which is told.
   */
  #blame(user: VirtualUser, thrown: unknown): 'nobody' | 'target' | 'script' {
    if (user.aborted || thrown instanceof ExchangeAborted) return 'nobody'
    if (thrown instanceof RequiredExchangeFailed) return 'target'
    this.context.scriptError(thrown)
    return 'script'
  }

  #remove(user: VirtualUser): void {
    if (!this.#live.delete(user)) return
    user.phase = 'ended'
    user.closed = true
    user.closeConnections()
    this.#onEnded()
  }
}
