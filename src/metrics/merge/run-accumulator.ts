import { Histogram } from '../histogram.ts'
import { GeneratorLoad } from '../judge/generator-load.ts'
import { judgeValidity } from '../judge/judge-validity.ts'
import { ThresholdWatch } from '../judge/threshold-watch.ts'
import type { RunFacts, RunSummary, ScriptErrorCount, TimelinePoint } from '../run-summary.ts'
import type { Threshold, ThresholdResult } from '../threshold.ts'
import type { Validity } from '../validity.ts'
import { emptySecond, secondOf } from '../seconds/merge-seconds.ts'
import type { RunSecond } from '../seconds/run-second.ts'
import type { WindowData } from '../window.ts'
import { BestKept } from './best-kept.ts'
import { MeasuredTotals, type ScenarioModel } from './run-totals.ts'
import { SecondQueue } from './second-queue.ts'
import { Timeline } from './timeline.ts'

export interface RunAccumulatorOptions {
  /** Numbers of the workers whose windows will come. */
  readonly workers: readonly number[]
  readonly scenarios: readonly ScenarioModel[]
  readonly thresholds: readonly Threshold[]
  /**
   * Time left out at the start, µs. Windows are left out whole: 2.5 s of warm-up leave out three.
   * @default 0
   */
  readonly warmUpUs?: number
  /**
   * When the load ends by plan, µs. Seconds that reach beyond it, in which the last iterations run
   * out, do not break a limit on `rps`. Leave out when there is no declared end.
   */
  readonly declaredEndUs?: number
  /** Workers spin between starts: a busy event loop says nothing then. @default false */
  readonly exactPacing?: boolean
  /** Called with every second of the run, in order, once all workers have delivered it. */
  readonly onSecond?: (second: MergedSecond) => void
  /** Called with a window that came after its second had been handed out; once each. */
  readonly onLate?: (window: WindowData) => void
  /** Bytes the timeline may keep. @default 128 MiB */
  readonly timelineMaxBytes?: number
}

/** One second, all workers merged. */
export interface MergedSecond {
  readonly point: TimelinePoint
  /** The windows it was merged from, in the order of the workers: for a store to append. */
  readonly windows: readonly WindowData[]
  /**
   * The windows as one; made when it is first asked for, once for all who do. Of a second in which
   * no worker delivered anything: one without anything.
   */
  readonly second: RunSecond
  /** Thresholds with `abort` that broke in this second: the run is to end. */
  readonly aborting: readonly ThresholdResult[]
}

/** What the controller knows about a run beyond its windows. */
export interface RunEndFacts {
  readonly facts: Omit<RunFacts, 'warmUpUs' | 'workers'>
  readonly scriptErrors?: readonly ScriptErrorCount[]
  /** Further things to tell the user. */
  readonly warnings?: readonly string[]
  /** Whole sentences, each of which makes the run invalid: data that ran out, say. */
  readonly invalidReasons?: readonly string[]
}

/**
 * Merges the windows of all workers into one run. Windows come in any order; a repeated one is
 * ignored, a late one still counts. The result is the same as if one worker had done it all, but
 * for which samples were kept whole (each worker keeps its own) and names beyond the first 500.
 *
 * Its memory is bounded: totals by the number of names, the timeline by `timelineMaxBytes`.
 */
export class RunAccumulator {
  readonly #options: RunAccumulatorOptions
  readonly #warmUpWindows: number
  readonly #queue: SecondQueue
  readonly #totals: MeasuredTotals
  readonly #generator = new GeneratorLoad()
  readonly #timeline: Timeline
  readonly #kept = new BestKept()
  readonly #watches: readonly ThresholdWatch[]
  readonly #lostWorkers = new Set<number>()
  readonly #foldedNames = new Set<string>()
  /** How many seconds came late, by worker. */
  readonly #late = new Map<number, number>()
  #keptDropped = 0

  constructor(options: RunAccumulatorOptions) {
    this.#options = options
    this.#warmUpWindows = Math.ceil((options.warmUpUs ?? 0) / 1_000_000)
    this.#totals = new MeasuredTotals(options.scenarios)
    this.#watches = options.thresholds.map(threshold => new ThresholdWatch(threshold))
    const maxBytes = options.timelineMaxBytes
    this.#timeline = new Timeline(maxBytes === undefined ? {} : { maxBytes })
    this.#queue = new SecondQueue({
      workers: options.workers,
      onSecond: (index, windows) => this.#addSecond(index, windows),
      onLate: window => this.#addLate(window),
    })
  }

  /** Adds a window of any worker; false when this (worker, index) has come before. */
  add(window: WindowData): boolean {
    return this.#queue.add(window)
  }

  /** The worker has sent all its windows: seconds no longer wait for it. */
  workerEnded(worker: number): void {
    this.#queue.end(worker)
  }

  /** The worker died or went silent: seconds no longer wait for it, and the run is invalid. */
  workerLost(worker: number): void {
    this.#lostWorkers.add(worker)
    this.#queue.end(worker)
  }

  /** Releases what still waits and sums up. Call once, when no window will come any more. */
  summary(end: RunEndFacts): RunSummary {
    this.#queue.flush()
    const warmUpUs = Math.min(this.#warmUpWindows * 1_000_000, end.facts.durationUs)
    const measuredSeconds = (end.facts.durationUs - warmUpUs) / 1_000_000
    const series = this.#totals.series()
    const checks = this.#totals.checks()
    const scenarios = this.#totals.scenarios()
    const { kept, failedDropped } = this.#kept.list()
    const keptDropped = this.#keptDropped + failedDropped
    const seenNames = [
      ...series.map(({ name }) => name),
      ...checks.map(({ check }) => check),
      ...scenarios.map(({ scenario }) => scenario),
    ]
    return {
      run: { ...end.facts, warmUpUs, workers: this.#options.workers.length },
      totals: this.#totals.totals(measuredSeconds),
      series,
      checks,
      scenarios,
      thresholds: this.#watches.map(watch => watch.result({ measuredSeconds, seenNames })),
      validity: this.#validity(end, { series, scenarios, keptDropped }),
      timeline: this.#timeline.points,
      kept,
      keptDropped,
      foldedNames: [...this.#foldedNames],
      warnings: this.#warnings(end.warnings ?? []),
      scriptErrors: end.scriptErrors ?? [],
    }
  }

  #validity(
    end: RunEndFacts,
    measured: Pick<RunSummary, 'series' | 'scenarios' | 'keptDropped'>,
  ): Validity {
    const { series, scenarios, keptDropped } = measured
    const open = scenarios.filter(({ model }) => model === 'open')
    const requests = series.filter(({ kind }) => kind === 'request')
    const ended = scenarios.some(one => one.iterationsCompleted + one.iterationsFailed > 0)
    return judgeValidity({
      startDelay: Histogram.merged(open.map(({ startDelay }) => startDelay)),
      eventLoopDelay: this.#generator.eventLoopDelay,
      workers: this.#generator.workers(),
      latency: Histogram.merged(requests.flatMap(one => [one.ok.latency, one.failed.latency])),
      model: end.facts.model,
      exactPacing: this.#options.exactPacing ?? false,
      measuredAnything: series.length > 0 || ended,
      lostWorkers: [...this.#lostWorkers].sort((a, b) => a - b),
      otherReasons: end.invalidReasons ?? [],
      keptDropped,
    })
  }

  #addSecond(index: number, windows: readonly WindowData[]): void {
    const point = this.#timeline.add(index, windows)
    for (const window of windows) this.#addMeasured(window)
    // Also when nobody listens: an optional call would not even evaluate its arguments.
    const aborting = this.#judge(index, windows)
    let second: RunSecond | undefined
    this.#options.onSecond?.({
      ...{ point, windows, aborting },
      get second() {
        return (second ??= windows.length === 0 ? emptySecond(index) : secondOf(windows))
      },
    })
  }

  #judge(index: number, windows: readonly WindowData[]): ThresholdResult[] {
    if (index < this.#warmUpWindows) return []
    const declaredEndUs = this.#options.declaredEndUs ?? Infinity
    const runningOut = (index + 1) * 1_000_000 > declaredEndUs
    const measuredSeconds = index + 1 - this.#warmUpWindows
    return this.#watches
      .filter(watch => watch.addSecond({ index, windows, runningOut }) && watch.aborts)
      .map(watch => watch.result({ measuredSeconds, seenNames: [] }))
  }

  #addLate(window: WindowData): void {
    this.#timeline.add(window.index, [window])
    this.#addMeasured(window)
    this.#late.set(window.worker, 1 + (this.#late.get(window.worker) ?? 0))
    this.#options.onLate?.(window)
    if (window.index < this.#warmUpWindows) return
    for (const watch of this.#watches) watch.addLate(window)
  }

  #addMeasured(window: WindowData): void {
    for (const name of window.foldedNames) this.#foldedNames.add(name)
    if (window.index < this.#warmUpWindows) return
    this.#totals.add(window)
    this.#generator.add(window)
    this.#kept.add(window.kept)
    this.#keptDropped += window.keptDropped
    for (const name of this.#totals.takeFolded()) this.#foldedNames.add(name)
  }

  #warnings(others: readonly string[]): string[] {
    const late = [...this.#late].sort(([a], [b]) => a - b).map(lateWarning)
    return [...others, ...this.#foldedWarning(), ...late, ...this.#timeline.warnings()]
  }

  #foldedWarning(): string[] {
    const names = [...this.#foldedNames]
    if (names.length === 0) return []
    const shown = names.slice(0, 5).map(name => `"${name}"`)
    return [
      `More than 500 names: ${shown.join(', ')} and others were counted as "(other)". ` +
        `Put the changing part of the path into a parameter (/orders/:id) or set a name.`,
    ]
  }
}

function lateWarning([worker, count]: readonly [worker: number, count: number]): string {
  const many = count === 1 ? '1 second' : `${count} seconds`
  return (
    `Worker ${worker} delivered ${many} after the run had stopped waiting for them: all figures ` +
    `of the whole run count them; what was shown, sent and judged second by second did not.`
  )
}
