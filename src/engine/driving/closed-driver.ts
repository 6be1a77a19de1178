import {
  countOfShare,
  iterationsOfShare,
  peakUsers,
  totalDurationUs,
  userChanges,
  type LoadProfile,
  type UserChange,
} from '../../schedule/index.ts'
import type { AlarmHolder } from '../users/alarms.ts'
import { Ending } from '../users/ending.ts'
import { dropReasons, nothingThrown, Population } from '../users/population.ts'
import type { ScenarioContext } from '../scenario/scenario-context.ts'
import { nextBeginUs } from '../scenario/think-time.ts'
import type { VirtualUser } from '../users/virtual-user.ts'
import { nextTurn, type Driver } from './driver.ts'

type ClosedProfile = Extract<LoadProfile, { kind: 'users' | 'iterations' }>

/** Place of one running user: who fills it changes only when an onStart fails. */
interface Slot extends AlarmHolder {
  retired: boolean
}

/**
 * A user whose onStart failed is replaced by a new one after this, doubled with each failure in a
 * row.
 */
const restartUs = 1_000_000
const longestRestartUs = 30_000_000
/** A script that throws at once would otherwise burn a core for nothing. */
const scriptErrorUs = 10_000
/** A script that never waits for anything would keep the event loop from turning. */
const iterationsPerTurn = 100

/**
 * By users (the closed model): each user starts its next iteration when it is done with the last
 * one and has thought; real start and intended start are the same. A fixed number of iterations is
 * this with a common stock that the users draw from.
 *
 * When the number of users falls, the newest finish their iteration and end. A user whose onStart
 * fails ends; under a users profile another takes its place after a pause, so that the load stays
 * as declared; of a fixed number of iterations the other users do its part.
 */
export class ClosedDriver implements Driver {
  readonly ended: Promise<void>
  readonly #context: ScenarioContext
  readonly #profile: ClosedProfile
  readonly #population: Population
  readonly #ending: Ending
  readonly #changes: Iterator<UserChange, void>
  readonly #slots: Slot[] = []
  readonly #resolve: () => void
  readonly #reject: (bug: unknown) => void
  #next: UserChange | undefined
  #usersOfProfile = 0
  #usersAdded = 0
  /** Iterations left to start; Infinity under a users profile. */
  #stock = Infinity
  #iterationsInTurn = 0
  #finishing = false
  #resumed: PromiseWithResolvers<void> | undefined
  #cancelTimer: () => void = () => {}

  constructor(context: ScenarioContext, profile: ClosedProfile) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.ended = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#context = context
    this.#profile = profile
    this.#population = new Population(context, () => this.#userEnded())
    this.#ending = new Ending(this.#population)
    this.#changes = userChanges(profile)
    this.#next = this.#changes.next().value ?? undefined
    if (profile.kind === 'iterations') {
      this.#stock = iterationsOfShare(profile, context.worker.options.share)
    }
  }

  /** Users of its profile at most, over all workers. */
  get peakUsers(): number {
    return peakUsers(this.#profile)
  }

  start(): void {
    if (!this.#finishing) this.#followProfile()
  }

  /** `users` more (or fewer) over all workers than the profile says; never below 0. */
  adjust(users: number): void {
    if (this.#profile.kind !== 'users' || this.#finishing) return
    this.#usersAdded = users
    if (this.#usersOfProfile > 0) this.#applyTarget()
  }

  setPaused(paused: boolean): void {
    if (paused && !this.#finishing) {
      this.#resumed ??= Promise.withResolvers<void>()
    } else {
      this.#resumed?.resolve()
      this.#resumed = undefined
    }
  }

  stop(deadlineUs: number): void {
    this.#ending.by(deadlineUs)
    if (this.#finishing) return
    this.#finishing = true
    this.#cancelTimer()
    this.setPaused(false)
    this.#setTarget(0)
    this.#settle()
  }

  #followProfile(): void {
    const nowUs = this.#context.clock.nowUs()
    let changed = false
    while (this.#next !== undefined && this.#next.atUs <= nowUs) {
      this.#usersOfProfile = this.#next.users
      this.#next = this.#changes.next().value ?? undefined
      changed = true
    }
    const endUs = totalDurationUs(this.#profile)
    if (nowUs >= endUs) {
      return this.stop(endUs + this.#context.worker.options.plan.stopTimeoutUs)
    }
    if (changed) this.#applyTarget()
    if (this.#finishing) return
    const atUs = Math.min(this.#next?.atUs ?? endUs, endUs)
    this.#cancelTimer = this.#context.clock.after(atUs - nowUs, () => this.#followProfile())
  }

  #applyTarget(): void {
    const users = Math.max(0, this.#usersOfProfile + this.#usersAdded)
    this.#setTarget(countOfShare(users, this.#context.worker.options.share))
    // A worker without users of its own: nothing to do under a fixed number of iterations.
    this.#settle()
  }

  #setTarget(users: number): void {
    while (this.#slots.length > users) {
      const slot = this.#slots.pop()!
      slot.retired = true
      if (slot.alarm !== undefined) this.#context.worker.alarms.ring(slot.alarm)
    }
    while (this.#slots.length < users && !this.#finishing) {
      const slot: Slot = { retired: false, alarm: undefined }
      this.#slots.push(slot)
      this.#occupy(slot).catch(this.#reject)
    }
    this.#population.report(this.#population.size)
  }

  /** Fills a place with a user until the place is given up or its user has lived its life. */
  async #occupy(slot: Slot): Promise<void> {
    for (let pauseUs = restartUs; this.#wants(slot); pauseUs *= 2) {
      const user = this.#population.add()
      if (user === undefined) return this.#stopEarly()
      const begun = await this.#population.begin(user)
      if (begun === 'ready') return this.#iterate(slot, user)
      if (begun === 'failed') this.#population.drop(dropReasons.onStart, 1)
      if (this.#profile.kind === 'iterations') return
      await this.#rest(slot, Math.min(pauseUs, longestRestartUs))
    }
  }

  async #iterate(slot: Slot, user: VirtualUser): Promise<void> {
    const { clock, plan, tasks, worker } = this.#context
    const { thinkTime } = plan
    let beginUs = thinkTime.kind === 'none' ? 0 : clock.nowUs()
    while (this.#wants(slot)) {
      if (this.#resumed !== undefined) {
        await this.#resumed.promise
        beginUs = Math.max(beginUs, clock.nowUs())
        continue
      }
      if (!this.#population.startIteration(user, 0)) {
        this.#stopEarly()
        break
      }
      this.#stock -= 1
      let thrown: unknown = nothingThrown
      try {
        await tasks.draw(user)(user)
      } catch (caught) {
        thrown = caught
      }
      const ended = this.#population.endIteration(user, thrown)
      if (ended === 'gone') return
      if (ended === 'threw') await this.#rest(slot, scriptErrorUs)
      if (thinkTime.kind !== 'none') {
        const nowUs = clock.nowUs()
        const moment = { begunAtUs: beginUs, nowUs, random: () => user.random }
        beginUs = nextBeginUs(thinkTime, moment)
        if (beginUs > nowUs && this.#wants(slot)) await worker.alarms.until(beginUs, slot)
      }
      if (++this.#iterationsInTurn >= iterationsPerTurn) {
        this.#iterationsInTurn = 0
        await nextTurn()
      }
    }
    await this.#population.end(user)
  }

  async #rest(slot: Slot, restUs: number): Promise<void> {
    const { clock, worker } = this.#context
    if (this.#wants(slot)) await worker.alarms.until(clock.nowUs() + restUs, slot)
  }

  #wants(slot: Slot): boolean {
    return !slot.retired && this.#stock > 0
  }

  /** The rows of a data source have run out: a declared end of this scenario. */
  #stopEarly(): void {
    const { clock, worker } = this.#context
    this.stop(clock.nowUs() + worker.options.plan.stopTimeoutUs)
  }

  #userEnded(): void {
    this.#population.report(this.#population.size)
    this.#settle()
  }

  /**
   * Ends the scenario once nobody is left and nobody can come: stopped, or all iterations are done.
   */
  #settle(): void {
    if (this.#population.size > 0) return
    if (!this.#finishing && this.#profile.kind === 'users') return
    this.#finishing = true
    this.#cancelTimer()
    this.#ending.done()
    if (this.#stock > 0 && this.#stock < Infinity) {
      this.#population.drop(dropReasons.stopped, this.#stock)
      this.#stock = 0
    }
    this.#resolve()
  }
}
