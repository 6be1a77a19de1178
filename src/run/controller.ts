import { wallNowUnixMs, type Clock, type LogLevel } from '../base/index.ts'
import type { Mark, MergedSecond, RunSummary, SpanBatch, WindowData } from '../metrics/index.ts'
import type { DataRows, ScriptBundle, TestPlan } from '../plan/index.ts'
import { totalDurationUs } from '../schedule/index.ts'
import { Crew, type Gone } from './leading/crew.ts'
import { Ledger } from './leading/ledger.ts'
import { rowsOfShare } from './leading/shares.ts'
import { stageMarks, Steering } from './leading/steering.ts'
import type { FromWorker } from './messages.ts'
import { unknownScenario } from './script-places.ts'
import type { Transport } from './transport.ts'

/** From 'start' to the common start: time for the message to reach every worker. */
const startLeadMs = 50
/** A script that takes longer to load, set up or tear down is given up. */
const aroundRunLimitUs = 60_000_000
/** A running worker sends something every second; silent this long, its event loop is blocked. */
const silenceLimitUs = 30_000_000
/** Time for onStop, cleanup and last messages after the stop timeout. */
const endMarginUs = 6_000_000
const watchPeriodUs = 1_000_000

export interface RunOrder {
  readonly runId: string
  readonly plan: TestPlan
  readonly bundle: ScriptBundle
  /** All rows; each worker gets its share. */
  readonly data: readonly DataRows[]
  readonly transport: Transport
  /** Any origin: for waiting only. */
  readonly clock: Clock
  readonly logLevel: LogLevel
  readonly loadstoneVersion: string
  readonly listeners: RunListeners
}

export interface RunListeners {
  /** What the run is doing now, in words: 'starting 4 workers'. */
  readonly onPhase: (phase: string) => void
  /** Each complete second, all workers merged. */
  readonly onSecond: (second: MergedSecond) => void
  /** What a worker delivered of a second after that had been handed out. */
  readonly onLate?: (window: WindowData) => void
  /**
   * The moment that is 0 µs of the run is known: once, before the first second; never when the run
   * ends before it.
   */
  readonly onStart?: (startAtUnixMs: number) => void
  /**
   * A stage that began, a live change, a stop, a threshold that broke: each once. Stages are told
   * with the second they began in, the others at once.
   */
  readonly onMark?: (mark: Mark) => void
  /** Spans of the users, a few hundred at a time. Without it no spans are made. */
  readonly onSpans?: (batch: SpanBatch) => void
  readonly onLog: (level: LogLevel, message: string) => void
  /** Each error of the script, once per text and worker and second; `count` 1 or more. */
  readonly onScriptError: (scenario: string, message: string, count: number) => void
}

/** One run, under way. */
export interface RunningRun {
  /** Never rejects for the target's or the script's fault, nor for a lost worker. */
  readonly ended: Promise<RunSummary>
  /**
   * Ends the run from outside: 'graceful' lets iterations finish within the stop timeout, 'now'
   * cuts them off. Both keep what was measured. May be called at any moment, also twice.
   */
  stop(how: 'graceful' | 'now'): void
  /**
   * `delta` users more or fewer over all workers, within the plan's limits. Throws a UsageError
   * when no scenario is by users. Nothing happens before the users start and after they ended.
   */
  adjustUsers(delta: number): void
  /**
   * Arrivals per second of all open scenarios, times `factor` from now on. Throws a UsageError when
   * there is none, and beyond the plan's limits. Nothing happens before the start or after the end.
   */
  changeRate(factor: number): void
  /** Whether it is paused, whoever paused it. */
  readonly paused: boolean
  /** While paused no iteration starts; starts on schedule are counted drops. */
  setPaused(paused: boolean): void
}

/** Starts a run over the transport's workers. */
export function startRun(order: RunOrder): RunningRun {
  const controller = new Controller(order)
  return {
    ended: controller.run(),
    stop: how => controller.stop(how),
    adjustUsers: delta => controller.adjustUsers(delta),
    changeRate: factor => controller.changeRate(factor),
    get paused() {
      return controller.paused
    },
    setPaused: paused => controller.setPaused(paused),
  }
}

class Controller {
  readonly #order: RunOrder
  readonly #ledger: Ledger
  readonly #workers: number
  readonly #steering: Steering
  readonly #stages: Mark[]
  /** Aborts at the first request to end, so that waiting for a start or a setup ends too. */
  readonly #stopping = new AbortController()
  /** Aborts when nothing may be waited for any more. */
  readonly #stopNow = new AbortController()
  #crew: Crew | undefined
  #setup: { readonly value: unknown } | undefined
  #setupFailed = false
  #teardownDone = false
  #deadlineUs = Infinity
  #paused = false

  constructor(order: RunOrder) {
    this.#order = order
    this.#workers = order.plan.workers
    this.#steering = new Steering(order.plan)
    this.#stages = stageMarks(order.plan)
    this.#ledger = new Ledger({
      ...order,
      onSecond: second => this.#onSecond(second),
      onLate: window => order.listeners.onLate?.(window),
    })
  }

  async run(): Promise<RunSummary> {
    const crew = await this.#connect()
    try {
      if (await this.#prepare(crew)) {
        if (await this.#setUp(crew)) await this.#load(crew)
        await this.#tearDown(crew)
      }
    } finally {
      await crew.close()
    }
    return this.#ledger.summary()
  }

  stop(how: 'graceful' | 'now'): void {
    this.#ledger.abort('stopped from outside')
    this.#mark('stop', how === 'now' ? 'stopped at once by hand' : 'stopped by hand')
    this.#stop(how)
  }

  adjustUsers(delta: number): void {
    if (!this.#ledger.underWay) return
    const { change, mark } = this.#steering.users(delta, Math.round(this.#ledger.elapsedUs))
    this.#crew?.sendAll(() => ({ kind: 'adjustUsers', delta: change }))
    this.#order.listeners.onMark?.(mark)
  }

  changeRate(factor: number): void {
    if (!this.#ledger.underWay) return
    const { change, mark } = this.#steering.rate(factor, this.#ledger.elapsedUs)
    this.#crew?.sendAll(() => ({ kind: 'changeRate', change }))
    this.#order.listeners.onMark?.(mark)
  }

  get paused(): boolean {
    return this.#paused
  }

  setPaused(paused: boolean): void {
    if (paused === this.#paused || !this.#ledger.underWay) return
    this.#paused = paused
    this.#crew?.sendAll(() => ({ kind: 'pause', paused }))
    if (paused) this.#mark('pause', 'paused by hand')
    else this.#mark('resume', 'resumed by hand')
  }

  #mark(kind: Mark['kind'], text: string): void {
    if (!this.#ledger.underWay) return
    this.#order.listeners.onMark?.({ atUs: Math.round(this.#ledger.elapsedUs), kind, text })
  }

  async #connect(): Promise<Crew> {
    const { transport, clock, listeners } = this.#order
    const many = this.#workers === 1 ? '1 worker' : `${this.#workers} workers`
    listeners.onPhase(`starting ${many}`)
    const links = await transport.connect(this.#workers)
    this.#crew = new Crew(links, clock, {
      onMessage: message => this.#onMessage(message),
      onGone: gone => this.#onGone(gone),
    })
    return this.#crew
  }

  /** False when the run cannot begin: a worker could not load the script, or it was stopped. */
  async #prepare(crew: Crew): Promise<boolean> {
    const { runId, plan, bundle, data, logLevel, listeners } = this.#order
    crew.sendAll(worker => {
      const share = { index: worker, count: this.#workers }
      const rows = rowsOfShare(plan, data, share)
      const spans = listeners.onSpans !== undefined
      return { kind: 'prepare', runId, plan, bundle, share, data: rows, logLevel, spans }
    })
    const ready = () => crew.all('ready', 'gone')
    if (!(await crew.until(ready, aroundRunLimitUs, this.#stopping.signal))) {
      crew.giveUp(['preparing'], aroundRunLimitUs, 'the script was not loaded after 60 s')
    }
    return crew.all('ready') && !this.#stopping.signal.aborted
  }

  /** False when there is nothing to run with. */
  async #setUp(crew: Crew): Promise<boolean> {
    if (!this.#order.plan.hasSetup) return true
    this.#order.listeners.onPhase('running setup')
    crew.send(0, { kind: 'setup' })
    const done = () => this.#setup !== undefined || crew.stateOf(0) === 'gone'
    if (!(await this.#waitFor(crew, done))) {
      if (!this.#stopping.signal.aborted) {
        this.#onScriptError('setup', 'setup was not done after 60 s', 1)
      }
      return false
    }
    return this.#isSetUp && crew.all('ready') && !this.#stopping.signal.aborted
  }

  async #load(crew: Crew): Promise<void> {
    const { plan, clock, listeners } = this.#order
    const startAtUnixMs = wallNowUnixMs() + startLeadMs
    this.#ledger.start(startAtUnixMs, startLeadMs * 1000)
    listeners.onStart?.(startAtUnixMs)
    const declaredUs = Math.max(0, ...plan.scenarios.map(({ load }) => totalDurationUs(load)))
    this.#deadlineUs =
      clock.nowUs() + startLeadMs * 1000 + declaredUs + plan.stopTimeoutUs + endMarginUs
    crew.sendAll(() => ({ kind: 'start', startAtUnixMs, setup: this.#setup?.value }))
    crew.started()
    listeners.onPhase('running')
    const over = () => crew.all('ended', 'gone')
    while (!(await crew.until(over, watchPeriodUs))) this.#watch(crew)
    this.#ledger.end()
  }

  /** Once a second: no run outlives its end, and no blocked worker holds the others up. */
  #watch(crew: Crew): void {
    const isLate = this.#order.clock.nowUs() >= this.#deadlineUs
    const [silentForUs, what] = isLate
      ? [0, 'did not end in time']
      : [silenceLimitUs, 'sent nothing for 30 s']
    const reason = `it ${what}; a loop without an await in the script may block it`
    for (const worker of crew.giveUp(['running'], silentForUs, reason)) {
      const scenario = unknownScenario(this.#order.plan)
      this.#onScriptError(scenario, `the script blocked worker ${worker}: it ${what}`, 1)
    }
  }

  async #tearDown(crew: Crew): Promise<void> {
    const { plan, listeners } = this.#order
    if (!plan.hasTeardown || !this.#isSetUp || this.#stopNow.signal.aborted) return
    if (crew.stateOf(0) === 'gone')
      return this.#ledger.warn('teardown did not run: worker 0 is gone')
    listeners.onPhase('running teardown')
    crew.send(0, { kind: 'teardown', setup: this.#setup?.value })
    const done = () => this.#teardownDone || crew.stateOf(0) === 'gone'
    this.#deadlineUs = Infinity
    if (await this.#waitFor(crew, done)) return
    this.#onScriptError('teardown', 'teardown was not done after 60 s', 1)
  }

  /** Setup succeeded, or there is none: what it made is to be torn down. */
  get #isSetUp(): boolean {
    return !this.#order.plan.hasSetup || (this.#setup !== undefined && !this.#setupFailed)
  }

  /** False when it takes over 60 s, or longer than a stop leaves it. */
  async #waitFor(crew: Crew, done: () => boolean): Promise<boolean> {
    const { clock } = this.#order
    const limitUs = clock.nowUs() + aroundRunLimitUs
    while (!(await crew.until(done, watchPeriodUs, this.#stopNow.signal))) {
      const overUs = Math.min(limitUs, this.#deadlineUs)
      if (this.#stopNow.signal.aborted || clock.nowUs() >= overUs) return false
    }
    return true
  }

  #stop(how: 'graceful' | 'now'): void {
    const { clock, plan, listeners } = this.#order
    const graceUs = how === 'graceful' ? plan.stopTimeoutUs : 0
    this.#deadlineUs = Math.min(this.#deadlineUs, clock.nowUs() + graceUs + endMarginUs)
    if (!this.#stopping.signal.aborted || how === 'now') {
      listeners.onPhase(how === 'now' ? 'stopping now' : 'stopping: iterations may finish')
      this.#crew?.sendAll(() => ({ kind: 'stop', how }))
    }
    this.#stopping.abort()
    if (how === 'now') this.#stopNow.abort()
  }

  #onSecond(second: MergedSecond): void {
    const { listeners } = this.#order
    listeners.onSecond(second)
    const endUs = (second.point.index + 1) * 1e6
    while ((this.#stages[0]?.atUs ?? Infinity) < endUs) {
      const stage = this.#stages.shift()
      if (stage !== undefined) listeners.onMark?.(stage)
    }
    const [broken] = second.aborting
    if (broken === undefined) return
    const reason = `the threshold '${broken.threshold.expression}' was broken`
    listeners.onMark?.({ atUs: broken.brokenAtUs ?? endUs, kind: 'threshold', text: reason })
    this.#ledger.abort(reason)
    this.#stop('graceful')
  }

  #onMessage(message: FromWorker): void {
    const { listeners } = this.#order
    switch (message.kind) {
      case 'window':
        return this.#ledger.add(message.window)
      case 'spans':
        return listeners.onSpans?.(message.batch)
      case 'scriptError':
        return this.#onScriptError(message.scenario, message.message, message.count)
      case 'guard':
        this.#ledger.refuse(message.host)
        return this.#stop('graceful')
      case 'log':
        return listeners.onLog(message.level, message.message)
      case 'setupDone':
        this.#setup = { value: message.setup }
        if (message.error !== undefined) this.#setupFailed = true
        return this.#onAroundRunError('setup', message.error)
      case 'teardownDone':
        this.#teardownDone = true
        return this.#onAroundRunError('teardown', message.error)
      case 'ended':
        return this.#ledger.workerEnded(message.worker, message.exhausted)
      case 'ready':
      case 'crashed':
        return
    }
  }

  #onAroundRunError(where: string, error: string | undefined): void {
    if (error !== undefined) this.#onScriptError(where, error, 1)
  }

  #onScriptError(scenario: string, message: string, count: number): void {
    this.#ledger.scriptError(scenario, message, count)
    this.#order.listeners.onScriptError(scenario, message, count)
  }

  #onGone(gone: Gone): void {
    this.#ledger.workerGone(gone)
    const [firstLine = ''] = gone.reason.split('\n')
    this.#order.listeners.onLog('error', `worker ${gone.worker} is lost: ${firstLine}`)
    if (gone.blame === 'us') this.#order.listeners.onLog('debug', gone.reason)
    if (gone.blame !== 'script') return
    this.#onScriptError(unknownScenario(this.#order.plan), gone.reason, 1)
  }
}
