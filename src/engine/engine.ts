import { connectionGuard } from './connection-guard.ts'
import { totalDurationUs, type RateChange } from '../schedule/index.ts'
import { ClosedDriver } from './driving/closed-driver.ts'
import { nextTurn, type Driver } from './driving/driver.ts'
import { OpenDriver } from './driving/open-driver.ts'
import type { EngineOptions } from './engine-options.ts'
import { createTracing } from './http/trace-context.ts'
import { Dispatcher } from './pacing/dispatcher.ts'
import type { MakePacer } from './pacing/pacer.ts'
import { SpinningPacer } from './pacing/spinning-pacer.ts'
import { ThreadPacer } from './pacing/thread-pacer.ts'
import { SpanMaker } from './spans/span-maker.ts'
import { Alarms } from './users/alarms.ts'
import { Cleanups } from './users/cleanups.ts'
import { ScenarioContext, type WorkerContext } from './scenario/scenario-context.ts'

/** Cleanups of a run that has spent its stop timeout still get this long. */
const cleanupUs = 2_000_000

export interface EngineEnd {
  /** Sources that ran out of unique rows: 'scenario/source'. */
  readonly exhausted: readonly string[]
}

/** Runs one worker's virtual users from run start to the end of its load profiles. */
export interface Engine {
  /**
   * Resolves when every virtual user has ended, whatever ended it, and their cleanups have run: at
   * the latest the stop timeout and a little more than 4 s after the declared end or the stop.
   * Rejects only on a bug of ours, never for a target's or script's fault.
   */
  readonly ended: Promise<EngineEnd>
  /** Begins at 0 µs of the clock. */
  start(): void
  /**
   * Live change: `delta` users more (or fewer) over all workers than the profile says (users
   * profiles only), never beyond the plan's limit of users. Several such scenarios share the
   * change, the first ones take the odd users.
   */
  adjustUsers(delta: number): void
  /**
   * Live change: from `fromUs` on, the arrivals per second of all open scenarios are `factor` times
   * what they were to be. Every worker of a run has to be given the same changes in the same order;
   * a moment that has passed is made up for.
   */
  changeRate(change: RateChange): void
  /**
   * While paused no new iteration starts; intended starts in that time are counted drops
   * ('paused').
   */
  setPaused(paused: boolean): void
  /**
   * No new iterations. Running ones get until the plan's stop timeout (graceful) or none, then
   * their user's signal aborts and their exchanges end as interrupted. onStop and cleanup run,
   * within bounds.
   */
  stop(how: 'graceful' | 'now'): void
}

/**
 * The engine of one worker. A promise that a script forgets to await may reject after its
 * iteration: nothing here hears it, the process's unhandledRejection does; ExchangeAborted and
 * RequiredExchangeFailed are no script errors there.
 */
export function createEngine(options: EngineOptions): Engine {
  const { exactPacing } = options.plan
  return new WorkerEngine(options, (clock, wake) =>
    exactPacing ? new SpinningPacer(clock, wake) : new ThreadPacer(clock, wake),
  )
}

/** As createEngine, with a pacer of the caller's choice. */
export function createPacedEngine(options: EngineOptions, makePacer: MakePacer): Engine {
  return new WorkerEngine(options, makePacer)
}

class WorkerEngine implements Engine {
  readonly ended: Promise<EngineEnd>
  readonly #options: EngineOptions
  readonly #alarms: Alarms
  readonly #cleanups = new Cleanups()
  readonly #exhausted = new Set<string>()
  readonly #contexts: readonly ScenarioContext[]
  readonly #drivers: readonly Driver[]
  readonly #closed: readonly ClosedDriver[]
  readonly #open: readonly OpenDriver[]
  readonly #dispatcher: Dispatcher | undefined
  #usersAdded = 0
  #stopDeadlineUs = Infinity

  constructor(options: EngineOptions, makePacer: MakePacer) {
    this.#options = options
    this.#alarms = new Alarms(options.clock)
    const sampledRatio = options.plan.tracingSampledRatio
    const tracing = createTracing({ runId: options.runId, sampledRatio })
    const worker: WorkerContext = {
      options,
      tracing,
      spans: options.spans === undefined ? undefined : new SpanMaker(tracing, options.spans),
      alarms: this.#alarms,
      cleanups: this.#cleanups,
      guard: connectionGuard(options.plan.allowedHosts, options.onHostRefused),
      exhausted: source => this.#exhausted.add(source),
    }
    this.#contexts = options.plan.scenarios.map(one => new ScenarioContext(worker, one))
    const drivers = this.#contexts.map(context =>
      context.plan.load.kind === 'rate'
        ? new OpenDriver(context, context.plan.load)
        : new ClosedDriver(context, context.plan.load),
    )
    this.#drivers = drivers
    this.#closed = drivers.filter(
      (driver, i) =>
        driver instanceof ClosedDriver && options.plan.scenarios[i]?.load.kind === 'users',
    ) as ClosedDriver[]
    const open = drivers.filter(driver => driver instanceof OpenDriver)
    this.#open = open
    this.#dispatcher =
      open.length === 0 ? undefined : new Dispatcher(options.clock, open, makePacer)
    this.ended = this.#end()
  }

  start(): void {
    const { clock } = this.#options
    const begin = () => {
      for (const driver of this.#drivers) driver.start()
      this.#dispatcher?.dispatch()
    }
    const untilStartUs = -clock.nowUs()
    if (untilStartUs > 0) clock.after(untilStartUs, begin)
    else begin()
  }

  adjustUsers(delta: number): void {
    const scenarios = this.#closed.length
    const peaks = this.#closed.map(({ peakUsers }) => peakUsers)
    // Fewer than nobody would have to be added again before anyone came.
    const fewest = -Math.max(0, ...peaks) * scenarios
    const most = this.#options.plan.limits.maxUsers - peaks.reduce((sum, one) => sum + one, 0)
    const added = Math.min(Math.max(fewest, this.#usersAdded + delta), Math.max(0, most))
    this.#usersAdded = added
    this.#closed.forEach((driver, i) => {
      const part = Math.ceil((Math.abs(added) - i) / scenarios)
      driver.adjust(Math.sign(added) * Math.max(0, part))
    })
  }

  changeRate(change: RateChange): void {
    for (const driver of this.#open) driver.changeRate(change)
    // Before the start there is nothing to wait for yet: it asks for what is due.
    if (this.#options.clock.nowUs() >= 0) this.#dispatcher?.dispatch()
  }

  setPaused(paused: boolean): void {
    for (const driver of this.#drivers) driver.setPaused(paused)
  }

  stop(how: 'graceful' | 'now'): void {
    const { clock, plan } = this.#options
    const deadlineUs = clock.nowUs() + (how === 'graceful' ? plan.stopTimeoutUs : 0)
    this.#stopDeadlineUs = Math.min(this.#stopDeadlineUs, deadlineUs)
    for (const driver of this.#drivers) driver.stop(deadlineUs)
    if (how === 'now') this.#cleanups.hurry()
  }

  async #end(): Promise<EngineEnd> {
    const { clock, log, plan } = this.#options
    await Promise.all(this.#drivers.map(driver => driver.ended))
    this.#dispatcher?.stop()
    const declaredEndUs = Math.max(...plan.scenarios.map(({ load }) => totalDurationUs(load)))
    const nowUs = clock.nowUs()
    const deadlineUs = Math.min(
      this.#stopDeadlineUs,
      Math.min(nowUs, declaredEndUs) + plan.stopTimeoutUs,
    )
    await this.#cleanups.run({ clock, log, boundUs: Math.max(0, deadlineUs - nowUs) + cleanupUs })
    // An exchange that a script forgot to await must not be answered, and recorded, after the end.
    for (const { clients } of this.#contexts) clients.close()
    this.#alarms.close()
    await nextTurn()
    return { exhausted: [...this.#exhausted] }
  }
}
