import { dirname } from 'node:path'
import {
  assert,
  clockFrom,
  clockFromNow,
  InternalError,
  logTo,
  messageOf,
  UsageError,
  type Clock,
  type Log,
} from '../base/index.ts'
import {
  createEngine,
  ExchangeAborted,
  RequiredExchangeFailed,
  runSetup,
  runTeardown,
  type Engine,
} from '../engine/index.ts'
import { Recorder } from '../metrics/index.ts'
import { loadScript, type ScriptModule } from '../plan/index.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { unknownScenario } from './script-places.ts'
import { GeneratorMeter } from './working/generator-meter.ts'
import { MessageBudget } from './working/message-budget.ts'
import { SpanBuffer } from './working/span-buffer.ts'
import { closeWindows } from './working/window-closer.ts'

type Prepare = Extract<ToWorker, { kind: 'prepare' }>

/** What a worker knows after 'prepare'. */
interface Prepared {
  readonly order: Prepare
  readonly script: ScriptModule
  readonly budget: MessageBudget
  readonly log: Log
}

/**
 * Makes load for a controller: does what the messages say and answers through `send`. One per
 * thread or process; it knows nothing of the transport.
 */
export class RunWorker {
  readonly #send: (message: FromWorker) => void
  readonly #onLog: (log: Log) => void
  #index = 0
  #prepared: Prepared | undefined
  #engine: Engine | undefined
  #hostRefused = false
  /** Sends everything measured so far; set while the run is under way. */
  #flush: () => void = () => {}

  /** `onLog` gets the log that what the script prints should go to, before the script is loaded. */
  constructor(send: (message: FromWorker) => void, onLog: (log: Log) => void = () => {}) {
    this.#send = send
    this.#onLog = onLog
  }

  receive(message: ToWorker): void {
    this.#handle(message).catch((thrown: unknown) => this.#crash(thrown))
  }

  /**
   * Something was thrown that no iteration caught: a promise the script forgot, a timer of its own,
   * or a bug of ours. The script's fault is counted and the run goes on; ours ends it visibly.
   */
  fault(thrown: unknown): void {
    const prepared = this.#prepared
    if (prepared === undefined || thrown instanceof InternalError) return this.#crash(thrown)
    // Both end an iteration on purpose, and what happened is counted already.
    if (thrown instanceof ExchangeAborted || thrown instanceof RequiredExchangeFailed) return
    prepared.budget.scriptError(
      unknownScenario(prepared.order.plan),
      `${prepared.script.describeError(thrown)} (thrown where nothing awaited it)`,
    )
  }

  /**
   * The thread is about to end, because the script called process.exit: saves what was measured.
   */
  leave(): void {
    this.#flush()
  }

  async #handle(message: ToWorker): Promise<void> {
    switch (message.kind) {
      case 'prepare':
        return this.#prepare(message)
      case 'setup':
        return this.#setup()
      case 'start':
        return this.#run(message.startAtUnixMs, message.setup)
      case 'adjustUsers':
        return this.#engine?.adjustUsers(message.delta)
      case 'changeRate':
        return this.#engine?.changeRate(message.change)
      case 'pause':
        return this.#engine?.setPaused(message.paused)
      case 'stop':
        return this.#engine?.stop(message.how)
      case 'teardown':
        return this.#teardown(message.setup)
      case 'close':
        return
    }
  }

  async #prepare(order: Prepare): Promise<void> {
    this.#index = order.share.index
    const budget = new MessageBudget(this.#index, this.#send)
    const log = logTo((level, text) => budget.log(level, text), order.logLevel)
    this.#onLog(log)
    const script = await loadScript(order.bundle)
    this.#prepared = { order, script, budget, log }
    this.#send({ kind: 'ready', worker: this.#index })
  }

  async #setup(): Promise<void> {
    const { script } = this.#ready()
    const worker = this.#index
    try {
      const setup = await runSetup(this.#aroundRun())
      structuredClone(setup)
      this.#send({ kind: 'setupDone', worker, setup, error: undefined })
    } catch (thrown) {
      if (thrown instanceof InternalError) throw thrown
      this.#send({
        kind: 'setupDone',
        worker,
        setup: undefined,
        error: script.describeError(thrown),
      })
    }
    this.#ready().budget.flush()
  }

  async #run(startAtUnixMs: number, setup: unknown): Promise<void> {
    const { order, script, budget, log } = this.#ready()
    const worker = this.#index
    const clock = clockFrom(startAtUnixMs)
    const meter = new GeneratorMeter(clock)
    const recorder = new Recorder({
      worker,
      onWindow: window => this.#send({ kind: 'window', worker, window }),
      generator: () => meter.take(),
    })
    const spans = order.spans ? new SpanBuffer(worker, this.#send) : undefined
    const engine = createEngine({
      plan: order.plan,
      runId: order.runId,
      script,
      scriptFolder: dirname(order.bundle.scriptPath),
      share: order.share,
      data: order.data,
      clock,
      recorder,
      log,
      setup,
      onScriptError: (scenario, message) => budget.scriptError(scenario, message),
      onHostRefused: host => this.#onHostRefused(host),
      spans,
    })
    const stopClosing = closeWindows(clock, recorder, () => {
      budget.flush()
      spans?.nextSecond()
    })
    this.#flush = () => {
      this.#flush = () => {}
      stopClosing()
      meter.stop()
      recorder.finish(clock.nowUs())
      budget.flush()
      spans?.nextSecond()
    }
    this.#engine = engine
    engine.start()
    const { exhausted } = await engine.ended
    this.#engine = undefined
    this.#flush()
    this.#send({ kind: 'ended', worker, exhausted })
  }

  async #teardown(setup: unknown): Promise<void> {
    const { script, budget } = this.#ready()
    let error: string | undefined
    try {
      await runTeardown(this.#aroundRun(), setup)
    } catch (thrown) {
      if (thrown instanceof InternalError) throw thrown
      error = script.describeError(thrown)
    }
    budget.flush()
    this.#send({ kind: 'teardownDone', worker: this.#index, error })
  }

  /** What setup and teardown need; they run outside the run's own time. */
  #aroundRun() {
    const { order, script, log } = this.#ready()
    const clock: Clock = clockFromNow()
    return {
      plan: order.plan,
      runId: order.runId,
      script,
      scriptFolder: dirname(order.bundle.scriptPath),
      clock,
      log,
      onHostRefused: (host: string) => this.#onHostRefused(host),
    }
  }

  #onHostRefused(host: string): void {
    if (this.#hostRefused) return
    this.#hostRefused = true
    this.#send({ kind: 'guard', worker: this.#index, host })
  }

  #ready(): Prepared {
    assert(this.#prepared !== undefined, 'a worker was asked to work before it was prepared')
    return this.#prepared
  }

  /** The end of this worker: what was measured goes out first, then the reason. */
  #crash(thrown: unknown): void {
    const blame = thrown instanceof UsageError ? 'script' : 'us'
    let text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    if (thrown instanceof UsageError) text = thrown.message
    try {
      this.#flush()
    } catch (second) {
      text += `\nand the last window could not be sent: ${messageOf(second)}`
    }
    this.#send({ kind: 'crashed', worker: this.#index, blame, message: text })
  }
}
