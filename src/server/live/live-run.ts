import type { LogLevel } from '../../base/index.ts'
import {
  encodeSecond,
  runModel,
  type Mark,
  type MergedSecond,
  type RunAccumulator,
  type RunFacts,
  type RunSummary,
  type ScriptErrorCount,
} from '../../metrics/index.ts'
import { scenarioModels, type TestPlan } from '../../plan/index.ts'
import { planAccumulator, type RunListeners, type RunningRun } from '../../run/index.ts'
import { RunFamilies } from '../../report/index.ts'
import type { RunItem, RunPage, RunState } from '../api.ts'
import { judgedOf, liveItem, pageOfSummary } from '../pages/run-page.ts'
import type { RunEnvironment } from '../../store/index.ts'
import { RunFeed, type OlderSeconds } from './run-feed.ts'

/** A running run is judged again every so many seconds. */
const judgedEverySeconds = 2
const errorTextsMax = 100
/** What the run itself keeps of its timeline; here it is not looked at. */
const timelineMaxBytes = 1024 * 1024

export interface LiveRunOptions {
  readonly id: string
  readonly plan: TestPlan
  readonly environment: RunEnvironment
  readonly startedAtUnixMs: number
  readonly loadstoneVersion: string
  /** Seconds that this process has forgotten, from the store; without it they are missing. */
  readonly older?: OlderSeconds
}

/**
 * A run of this process as the dashboard sees it: its feed, its page so far, its metrics, and how
 * to steer it. Its listeners are to be told everything that the run tells.
 */
export class LiveRun {
  readonly id: string
  readonly feed: RunFeed
  readonly metrics: RunFamilies
  readonly listeners: RunListeners
  readonly #options: LiveRunOptions
  readonly #accumulator: RunAccumulator
  readonly #marks: Mark[] = []
  readonly #errors = new Map<string, ScriptErrorCount>()
  #startedAtUnixMs: number
  #phase = 'starting'
  #paused = false
  #seconds = 0
  #run: RunningRun | undefined
  #watchedAtEnd = false
  #usersStarted = false
  #ended: { readonly summary: RunSummary; readonly verdict: string } | undefined

  constructor(options: LiveRunOptions) {
    const { plan } = options
    this.#options = options
    this.id = options.id
    this.feed = new RunFeed(options.older)
    const { script, workers, tags } = plan
    const { loadstoneVersion } = options
    this.metrics = new RunFamilies({
      ...{ script, workers, tags, loadstoneVersion, model: runModel(scenarioModels(plan)) },
    })
    this.#startedAtUnixMs = options.startedAtUnixMs
    this.#accumulator = planAccumulator(plan, { timelineMaxBytes })
    this.listeners = {
      onPhase: phase => this.#onPhase(phase),
      onStart: startAtUnixMs => this.#onStart(startAtUnixMs),
      onSecond: second => this.#onSecond(second),
      onLate: window => void this.#accumulator.add(window),
      onMark: mark => this.#onMark(mark),
      onLog: (level, message) => this.#log(level, message),
      onScriptError: (scenario, message, count) => this.#onError(scenario, message, count),
    }
  }

  get running(): boolean {
    return this.#ended === undefined
  }

  /** Its users have been told to start: there is something to change. */
  get usersStarted(): boolean {
    return this.#usersStarted
  }

  /** Somebody followed it to its end. */
  get watchedAtEnd(): boolean {
    return this.#watchedAtEnd
  }

  /** The run can be steered from now on. */
  attach(run: RunningRun): void {
    this.#run = run
  }

  /** Undefined before the run could be steered and after its end. */
  get control(): RunningRun | undefined {
    return this.running ? this.#run : undefined
  }

  /** The run is over: its feed ends. */
  end(summary: RunSummary, verdict: string): void {
    this.#ended = { summary, verdict }
    this.#watchedAtEnd = this.feed.watchers > 0
    this.metrics.judged(summary.thresholds)
    this.feed.state({ event: 'judged', data: judgedOf(summary) })
    this.feed.end(this.id)
  }

  /** It never came to an end of its own: a bug of ours. */
  fail(): void {
    this.end(this.#soFar(), 'internal')
  }

  item(): RunItem {
    const { summary, state, verdict } = this.#judged()
    return this.#planned(liveItem({ summary, state, verdict }))
  }

  /** Of a run under way: how long its warm-up will be, not what of it has gone by. */
  #planned(item: RunItem): RunItem {
    return this.running ? { ...item, warmUpUs: this.#options.plan.warmUpUs } : item
  }

  page(): RunPage {
    const { plan, environment } = this.#options
    const { summary, state, verdict } = this.#judged()
    const marks = [...this.#marks]
    const page = pageOfSummary({ summary, state, verdict, plan, environment, marks })
    return { ...page, item: this.#planned(page.item), steerable: this.control !== undefined }
  }

  #judged(): { summary: RunSummary; state: RunState; verdict: string | undefined } {
    if (this.#ended === undefined) {
      return { summary: this.#soFar(), state: 'running', verdict: undefined }
    }
    const { summary, verdict } = this.#ended
    return { summary, state: summary.run.endState, verdict }
  }

  #soFar(): RunSummary {
    return this.#accumulator.summary({
      facts: this.#facts(),
      scriptErrors: [...this.#errors.values()],
    })
  }

  #facts(): Omit<RunFacts, 'warmUpUs' | 'workers'> {
    const { plan, id, loadstoneVersion } = this.#options
    return {
      ...{ id, script: plan.script, startedAtUnixMs: this.#startedAtUnixMs },
      ...{ durationUs: this.#seconds * 1_000_000, model: runModel(scenarioModels(plan)) },
      ...{ endState: 'finished', endReason: undefined, refusedHost: undefined },
      ...{ seed: plan.seed, tags: plan.tags, loadstoneVersion },
    }
  }

  #onSecond({ point, windows, second }: MergedSecond): void {
    this.#seconds = point.index + 1
    for (const window of windows) this.#accumulator.add(window)
    this.metrics.add(second)
    this.feed.second(point.index, encodeSecond(second))
    if (this.#seconds % judgedEverySeconds === 0) this.#judge()
  }

  #judge(): void {
    const summary = this.#soFar()
    this.metrics.judged(summary.thresholds)
    if (this.feed.watchers > 0) this.feed.state({ event: 'judged', data: judgedOf(summary) })
  }

  #onMark(mark: Mark): void {
    this.#marks.push(mark)
    this.feed.tell({ event: 'mark', data: mark })
    if (mark.kind !== 'pause' && mark.kind !== 'resume') return
    this.#paused = mark.kind === 'pause'
    this.#tellPhase()
  }

  #onStart(startAtUnixMs: number): void {
    this.#startedAtUnixMs = startAtUnixMs
    this.#usersStarted = true
  }

  #onPhase(phase: string): void {
    this.#phase = phase
    this.#tellPhase()
  }

  #tellPhase(): void {
    this.feed.state({ event: 'phase', data: { phase: this.#phase, paused: this.#paused } })
  }

  #log(level: LogLevel, message: string): void {
    this.feed.tell({ event: 'log', data: { level, message } })
  }

  #onError(scenario: string, message: string, count: number): void {
    const key = `${scenario}\n${message}`
    const known = this.#errors.get(key)
    if (known === undefined && this.#errors.size >= errorTextsMax) return
    this.#errors.set(key, { scenario, message, count: count + (known?.count ?? 0) })
    if (known === undefined) this.#log('error', `script error: ${message}`)
  }
}
