import { formatDurationUs, wallNowUnixMs, type Clock } from '../../base/index.ts'
import {
  runModel,
  type RunAccumulator,
  type MergedSecond,
  type RunFacts,
  type RunSummary,
  type WindowData,
} from '../../metrics/index.ts'
import { refusalOf, scenarioModels, type TestPlan } from '../../plan/index.ts'
import type { Gone } from './crew.ts'
import { planAccumulator } from './plan-accumulator.ts'
import { ScriptErrorCounts } from './script-error-counts.ts'

export interface LedgerOptions {
  readonly runId: string
  readonly plan: TestPlan
  readonly clock: Clock
  readonly loadstoneVersion: string
  readonly onSecond: (second: MergedSecond) => void
  readonly onLate: (window: WindowData) => void
}

/** Everything the controller learns about a run, and the summary it makes of it. */
export class Ledger {
  readonly #options: LedgerOptions
  readonly #accumulator: RunAccumulator
  readonly #errors = new ScriptErrorCounts()
  readonly #warnings: string[] = []
  readonly #exhausted = new Set<string>()
  #startedAtUnixMs = wallNowUnixMs()
  #startedAtUs: number | undefined
  #lastHeardAtUs = 0
  #endedAtUs: number | undefined
  #abortReason: string | undefined
  #refusedHost: string | undefined
  #crashReason: string | undefined

  constructor(options: LedgerOptions) {
    const { plan, onSecond, onLate } = options
    this.#options = options
    this.#accumulator = planAccumulator(plan, { onSecond, onLate })
  }

  /** Users begin `leadUs` from now, which is `startAtUnixMs`. */
  start(startAtUnixMs: number, leadUs: number): void {
    this.#startedAtUnixMs = startAtUnixMs
    this.#startedAtUs = this.#options.clock.nowUs() + leadUs
  }

  /** The last virtual user has ended; the time in which a blocked one was waited for is no part. */
  end(): void {
    this.#endedAtUs = this.#lastHeardAtUs
  }

  /** Users have been told to start, and not all have ended. */
  get underWay(): boolean {
    return this.#startedAtUs !== undefined && this.#endedAtUs === undefined
  }

  /** Run time, µs; 0 before the common start, the run's length after its end. */
  get elapsedUs(): number {
    if (this.#startedAtUs === undefined) return 0
    const untilUs = this.#endedAtUs ?? this.#options.clock.nowUs()
    return Math.max(0, untilUs - this.#startedAtUs)
  }

  add(window: WindowData): void {
    this.#lastHeardAtUs = this.#options.clock.nowUs()
    this.#accumulator.add(window)
  }

  workerEnded(worker: number, exhausted: readonly string[]): void {
    this.#lastHeardAtUs = this.#options.clock.nowUs()
    for (const source of exhausted) this.#exhausted.add(source)
    this.#accumulator.workerEnded(worker)
  }

  /** A worker that had already ended has delivered everything: only worth a warning. */
  workerGone({ worker, reason, blame, before }: Gone): void {
    const atUs = this.elapsedUs
    const when = atUs === 0 ? 'before the run began' : `after ${formatDurationUs(atUs)}`
    const [firstLine = ''] = reason.split('\n')
    this.#warnings.push(`Worker ${worker} was lost ${when}: ${firstLine}`)
    if (blame === 'us') this.#crashReason ??= `worker ${worker} crashed: ${reason}`
    if (before === 'running') this.#accumulator.workerLost(worker)
    else this.#accumulator.workerEnded(worker)
    if (blame === 'unknown' && (before === 'preparing' || before === 'ready')) {
      this.#crashReason ??= `worker ${worker} was lost before the run began: ${reason}`
    }
  }

  scriptError(scenario: string, message: string, count: number): void {
    this.#errors.add(scenario, message, count)
  }

  warn(warning: string): void {
    this.#warnings.push(warning)
  }

  /** The first reason stays; once all users have ended there is nothing left to abort. */
  abort(reason: string): void {
    if (this.#endedAtUs === undefined) this.#abortReason ??= reason
  }

  /** The safety guard refused this host; also after all users have ended, as in teardown. */
  refuse(host: string): void {
    this.#refusedHost ??= host
  }

  summary(): RunSummary {
    const summary = this.#accumulator.summary({
      facts: this.#facts(),
      scriptErrors: this.#errors.list(),
      warnings: this.#warnings,
      invalidReasons: [...this.#exhausted].map(dataRanOut),
    })
    return { ...summary, warnings: [...summary.warnings, ...cutOffWarning(summary)] }
  }

  #facts(): Omit<RunFacts, 'warmUpUs' | 'workers'> {
    const { runId, plan, loadstoneVersion } = this.#options
    const refused = this.#refusedHost === undefined ? undefined : refusalOf(this.#refusedHost)
    const endReason = this.#crashReason ?? refused ?? this.#abortReason
    return {
      id: runId,
      script: plan.script,
      startedAtUnixMs: this.#startedAtUnixMs,
      durationUs: this.elapsedUs,
      endState: this.#endState(),
      endReason,
      refusedHost: this.#refusedHost,
      model: runModel(scenarioModels(plan)),
      seed: plan.seed,
      tags: plan.tags,
      loadstoneVersion,
    }
  }

  #endState(): RunFacts['endState'] {
    if (this.#crashReason !== undefined) return 'crashed'
    const reason = this.#refusedHost ?? this.#abortReason
    return reason === undefined ? 'finished' : 'aborted'
  }
}

/**
 * After a full run, iterations that had to be cut off point at an answer or a promise that never
 * came.
 */
function cutOffWarning({ run, scenarios }: RunSummary): string[] {
  const cutOff = scenarios.reduce((sum, one) => sum + one.iterationsInterrupted, 0)
  if (run.endState !== 'finished' || cutOff === 0) return []
  const many = cutOff === 1 ? '1 iteration was' : `${cutOff} iterations were`
  return [
    `${many} still running when the stop timeout was over, and cut off. If the target answered ` +
      `them all, the script awaits something that never comes.`,
  ]
}

function dataRanOut(source: string): string {
  return (
    `Data ran out: ${source} has no unused row left, so users that needed one ended early. ` +
    `Add rows, run fewer iterations, or let rows repeat (give: 'inOrder').`
  )
}
