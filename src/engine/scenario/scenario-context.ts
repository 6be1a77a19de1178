import { assert, type Clock, type Log } from '../../base/index.ts'
import type { Recorder, Sample, SeriesKind } from '../../metrics/index.ts'
import type { ScenarioFunctions, ScenarioPlan } from '../../plan/index.ts'
import type { ConnectionGuard } from '../connection-guard.ts'
import type { EngineOptions } from '../engine-options.ts'
import type { Tracing } from '../http/trace-context.ts'
import type { Alarms } from '../users/alarms.ts'
import type { Cleanups } from '../users/cleanups.ts'
import { DataFeeds } from './data-feed.ts'
import { ScenarioClients } from './scenario-clients.ts'
import type { SpanMaker } from '../spans/span-maker.ts'
import { TaskChoice } from './task-choice.ts'

/** What all scenarios of one worker have in common. */
export interface WorkerContext {
  readonly options: EngineOptions
  readonly tracing: Tracing
  /** Undefined: no spans are made. */
  readonly spans: SpanMaker | undefined
  readonly alarms: Alarms
  readonly cleanups: Cleanups
  readonly guard: ConnectionGuard
  /** Hears 'scenario/source' of every source that ran out. */
  readonly exhausted: (source: string) => void
}

const keptSeries = 2000

/** What the virtual users of one scenario on this worker have in common. */
export class ScenarioContext {
  readonly plan: ScenarioPlan
  readonly functions: ScenarioFunctions
  readonly tasks: TaskChoice
  readonly feeds: DataFeeds
  readonly clients: ScenarioClients
  readonly scenarioId: number
  readonly worker: WorkerContext
  readonly clock: Clock
  readonly recorder: Recorder
  readonly #series = new Map<string, number>()
  #usersMade = 0

  constructor(worker: WorkerContext, plan: ScenarioPlan) {
    const { script, recorder, data, clock } = worker.options
    const functions = script.scenarios.get(plan.name)
    assert(functions !== undefined, `the bundle has no scenario ${plan.name}`)
    this.worker = worker
    this.plan = plan
    this.functions = functions
    this.clock = clock
    this.recorder = recorder
    this.scenarioId = recorder.scenario(plan.name)
    this.tasks = new TaskChoice(plan, functions.tasks)
    this.feeds = new DataFeeds(
      plan.data,
      data.filter(({ scenario }) => scenario === plan.name),
      source => worker.exhausted(`${plan.name}/${source}`),
    )
    this.clients = new ScenarioClients(plan, { clock, guard: worker.guard })
  }

  get log(): Log {
    return this.worker.options.log
  }

  /**
   * Id of the next user. Scenarios take turns, and within one the workers do: user j of worker w of
   * scenario s has the id s + scenarios x (w + j x workers). No two users of a run share one, and a
   * plan with one scenario numbers its users 0, 1, 2 ... on any number of workers.
   */
  takeUserId(): number {
    const { plan, share } = this.worker.options
    const withinScenario = share.index + this.#usersMade++ * share.count
    return plan.scenarios.indexOf(this.plan) + plan.scenarios.length * withinScenario
  }

  seriesOf(kind: SeriesKind, name: string): number {
    const key = `${kind}\n${name}`
    const known = this.#series.get(key)
    if (known !== undefined) return known
    const id = this.recorder.series(kind, this.plan.name, name)
    if (this.#series.size < keptSeries) this.#series.set(key, id)
    return id
  }

  /** Records a step or a poll, which has neither status nor bytes of its own. */
  recordTimed(
    what: Pick<
      Sample,
      'seriesId' | 'intendedAtUs' | 'startedAtUs' | 'endedAtUs' | 'failure' | 'userId' | 'iteration'
    >,
  ): void {
    this.recorder.record({
      ...what,
      ...{
        status: 0,
        bytesIn: 0,
        bytesOut: 0,
        traceId: '',
        timings: undefined,
        exchange: undefined,
      },
    })
  }

  /** A script threw: told in its own words, and the run goes on. */
  scriptError(thrown: unknown): void {
    const { script, onScriptError } = this.worker.options
    onScriptError(this.plan.name, script.describeError(thrown))
  }
}
