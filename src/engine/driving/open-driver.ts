import {
  arrivals,
  countOfShare,
  totalDurationUs,
  type Arrivals,
  type LoadProfile,
  type RateChange,
} from '../../schedule/index.ts'
import { Ending } from '../users/ending.ts'
import { dropReasons, nothingThrown, Population } from '../users/population.ts'
import type { ScenarioContext } from '../scenario/scenario-context.ts'
import type { VirtualUser } from '../users/virtual-user.ts'
import type { Driver } from './driver.ts'

type OpenProfile = Extract<LoadProfile, { kind: 'rate' }>

/** Part of the busy users that is kept ready on top when users have to run onStart first. */
const reserveRatio = 0.05
const reserveMax = 100

/**
 * By rate (the open model): iterations start when the schedule says, whatever became of the earlier
 * ones. Each takes the user that came free last (so the pool stays as small as it can be) or a new
 * one, up to the limit; beyond it the iteration is a counted drop. Think times between iterations
 * do not apply.
 *
 * A scenario with onStart: a new user logs in first, so the iteration that called for it starts
 * late, with the delay on its record, unless another user comes free sooner. A reserve of ready
 * users, 5 % of the busy ones, makes this rare once the run is under way.
 */
export class OpenDriver implements Driver {
  readonly ended: Promise<void>
  readonly #context: ScenarioContext
  readonly #population: Population
  readonly #ending: Ending
  readonly #arrivals: Arrivals
  readonly #maxUsers: number
  readonly #endUs: number
  readonly #resolve: () => void
  readonly #reject: (bug: unknown) => void
  readonly #idle: VirtualUser[] = []
  /** Intended starts that wait for a user in its onStart; never more than there are such users. */
  readonly #waiting: number[] = []
  #starting = 0
  #nextAtUs: number
  #paused = false
  #finishing = false
  #cancelTimer: () => void = () => {}

  constructor(context: ScenarioContext, profile: OpenProfile) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const { share, plan } = context.worker.options
    this.ended = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#context = context
    this.#population = new Population(context, () => this.#userEnded())
    this.#ending = new Ending(this.#population)
    this.#arrivals = arrivals(profile, { share, seed: plan.seed, stream: context.plan.name })
    this.#maxUsers = countOfShare(profile.maxUsers, share)
    this.#endUs = totalDurationUs(profile)
    this.#nextAtUs = this.#arrivals.nextAtUs
  }

  start(): void {
    if (this.#finishing) return
    const { clock, worker } = this.#context
    const leftUs = this.#endUs - clock.nowUs()
    if (leftUs > 0) {
      // A timer may ring a hair early: what is due in between still belongs to the profile.
      this.#cancelTimer = clock.after(leftUs, () => this.start())
    } else {
      this.startDue()
      this.stop(this.#endUs + worker.options.plan.stopTimeoutUs)
    }
  }

  /**
   * Starts every iteration that is due. Returns when the next one is, µs; Infinity when none is
   * left.
   */
  startDue(): number {
    const nowUs = this.#context.clock.nowUs()
    while (this.#nextAtUs <= nowUs && !this.#finishing) {
      const intendedAtUs = this.#nextAtUs
      this.#nextAtUs = this.#takeArrival()
      this.#dispatch(intendedAtUs)
    }
    return this.#finishing ? Infinity : this.#nextAtUs
  }

  /**
   * Live change of the rate; arrivals that were started stay so. `startDue` is to be asked again.
   */
  changeRate(change: RateChange): void {
    this.#arrivals.change(change)
    this.#nextAtUs = this.#arrivals.nextAtUs
  }

  /** While paused, intended starts are drops. */
  setPaused(paused: boolean): void {
    this.#paused = paused
  }

  stop(deadlineUs: number): void {
    this.#ending.by(deadlineUs)
    if (this.#finishing) return
    this.#finishing = true
    this.#cancelTimer()
    this.#dropUnstarted()
    for (const user of this.#idle.splice(0)) this.#end(user)
    this.#settle()
  }

  /** What was due before the end and has found no user by now. */
  #dropUnstarted(): void {
    const nowUs = this.#context.clock.nowUs()
    let unstarted = this.#waiting.splice(0).length
    while (this.#nextAtUs <= nowUs) {
      unstarted += 1
      this.#nextAtUs = this.#takeArrival()
    }
    if (unstarted > 0) this.#population.drop(dropReasons.stopped, unstarted)
  }

  /** The arrival that was next is dealt with. */
  #takeArrival(): number {
    this.#arrivals.take()
    return this.#arrivals.nextAtUs
  }

  #dispatch(intendedAtUs: number): void {
    if (this.#paused) return this.#population.drop(dropReasons.paused, 1)
    const user = this.#idle.pop()
    if (user !== undefined) {
      this.#serve(user, intendedAtUs).catch(this.#reject)
    } else if (this.#context.functions.onStart === undefined) {
      this.#dispatchToNew(intendedAtUs)
    } else {
      const starting = this.#starting
      if (this.#waiting.length === starting) this.#startUser()
      if (this.#finishing) return
      if (this.#waiting.length < this.#starting) this.#waiting.push(intendedAtUs)
      else this.#population.drop(dropReasons.userLimit, 1)
    }
    if (this.#context.functions.onStart !== undefined) this.#keepReserve()
  }

  /** A user without onStart is ready at once: its iteration starts in this very turn. */
  #dispatchToNew(intendedAtUs: number): void {
    if (this.#population.size >= this.#maxUsers) {
      return this.#population.drop(dropReasons.userLimit, 1)
    }
    const user = this.#population.add()
    if (user === undefined) return this.#ranOut()
    this.#serve(user, intendedAtUs).catch(this.#reject)
  }

  #keepReserve(): void {
    // The last row is for an iteration that needs it: a reserve must not end the run.
    if (!this.#context.feeds.servesAnotherUser) return
    const ready = this.#idle.length + this.#starting - this.#waiting.length
    const busy = this.#population.size - this.#idle.length - this.#starting
    if (ready < Math.min(reserveMax, Math.ceil(busy * reserveRatio))) this.#startUser()
  }

  /** Brings up one more user, unless the limit is reached. */
  #startUser(): void {
    if (this.#finishing || this.#population.size >= this.#maxUsers) return
    const user = this.#population.add()
    if (user === undefined) return this.#ranOut()
    this.#starting += 1
    this.#bringUp(user).catch(this.#reject)
  }

  async #bringUp(user: VirtualUser): Promise<void> {
    const begun = await this.#population.begin(user)
    this.#starting -= 1
    if (begun === 'ready') return this.#free(user)
    if (this.#waiting.length > this.#starting) {
      this.#waiting.shift()
      this.#population.drop(dropReasons.onStart, 1)
    }
  }

  /** One iteration of a user, and then whatever comes next for it. */
  async #serve(user: VirtualUser, intendedAtUs: number): Promise<void> {
    const { clock, tasks } = this.#context
    const startDelayUs = Math.max(0, clock.nowUs() - intendedAtUs)
    user.pendingStartDelayUs = startDelayUs
    if (!this.#population.startIteration(user, startDelayUs)) {
      this.#ranOut()
      return this.#end(user)
    }
    this.#report()
    let thrown: unknown = nothingThrown
    try {
      await tasks.draw(user)(user)
    } catch (caught) {
      thrown = caught
    }
    if (this.#population.endIteration(user, thrown) !== 'gone') this.#free(user)
  }

  /** A user has nothing to do: it takes the start that has waited longest, rests, or ends. */
  #free(user: VirtualUser): void {
    const intendedAtUs = this.#waiting.shift()
    if (intendedAtUs !== undefined) this.#serve(user, intendedAtUs).catch(this.#reject)
    else if (this.#finishing) this.#end(user)
    else this.#idle.push(user)
    this.#report()
  }

  #end(user: VirtualUser): void {
    this.#population.end(user).catch(this.#reject)
  }

  /** Users that run an iteration or their onStart; a user at rest in the pool is no load. */
  #report(): void {
    this.#population.report(this.#population.size - this.#idle.length)
  }

  /** The rows of a data source have run out: a declared end of this scenario. */
  #ranOut(): void {
    const { clock, worker } = this.#context
    this.#population.drop(dropReasons.dataRanOut, 1)
    this.stop(clock.nowUs() + worker.options.plan.stopTimeoutUs)
  }

  #userEnded(): void {
    this.#report()
    this.#settle()
  }

  #settle(): void {
    if (!this.#finishing || this.#population.size > 0) return
    this.#ending.done()
    this.#resolve()
  }
}
