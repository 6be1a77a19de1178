import { assert } from '../../base/index.ts'
import { Histogram } from '../histogram.ts'
import type { Sample, SeriesKind } from '../sample.ts'
import type { GeneratorWindow, WindowData } from '../window.ts'
import { CheckCounter } from './check-counter.ts'
import { KeptSamples } from './kept-samples.ts'
import { NameTable, otherName } from './name-table.ts'
import { OutcomeCounter, type SeriesIdentity } from './outcome-counter.ts'
import { ScenarioCounter, type IterationEnd } from './scenario-counter.ts'

/** Length of a window, µs. */
const windowUs = 1_000_000
const defaultMaxNames = 500
/** Checks of a scenario kept apart, as a multiple of the names. */
const checksPerName = 4

export interface RecorderOptions {
  readonly worker: number
  /** Called with every closed window, in order, without holes. */
  readonly onWindow: (window: WindowData) => void
  /**
   * The generator's own figures since the last call. Asked once whenever windows close; windows
   * that close together, because the event loop was blocked, share the answer.
   */
  readonly generator: () => GeneratorWindow
  /** @default 500 names a scenario and kind; the rest is folded into '(other)' */
  readonly maxNames?: number
}

interface SeriesCounters {
  readonly identity: SeriesIdentity
  readonly ok: OutcomeCounter
  /** Made with the first failure: most series never have one. */
  failed: OutcomeCounter | undefined
}

/**
 * Folds samples into the current one-second window. One per worker; not shared between threads.
 * Recording a good sample of a known series allocates nothing.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #names: NameTable
  readonly #checkNames: NameTable
  readonly #kept: KeptSamples
  readonly #series: SeriesCounters[] = []
  readonly #checks: CheckCounter[] = []
  readonly #scenarios: ScenarioCounter[] = []
  readonly #ids = new Map<string, number>()
  #index = 0
  #endsAtUs = windowUs
  #finished = false

  constructor(options: RecorderOptions) {
    this.#options = options
    const maxNames = options.maxNames ?? defaultMaxNames
    this.#names = new NameTable(maxNames)
    this.#checkNames = new NameTable(maxNames * checksPerName)
    this.#kept = new KeptSamples(options.worker)
  }

  /**
   * Id of a series, made on first use. Ask once and keep it: the hot path passes ids. Names beyond
   * the limit get the id of '(other)'.
   */
  series(kind: SeriesKind, scenario: string, name: string): number {
    const shown = this.#names.resolve(`${kind}\n${scenario}`, name)
    return this.#idOf(`${kind}\n${scenario}\n${shown}`, () => {
      const identity = { kind, scenario, name: shown }
      this.#kept.addSeries(identity)
      return this.#series.push({ identity, ok: new OutcomeCounter('ok'), failed: undefined })
    })
  }

  /**
   * Records one sample in the window of its `endedAtUs`; closes earlier windows first. A sample
   * that ended before the current window began (the clock was read, then `closeUpTo` ran, then
   * this) counts in the current window: a closed one has already been sent.
   */
  record(sample: Sample): void {
    if (sample.endedAtUs >= this.#endsAtUs) this.closeUpTo(sample.endedAtUs)
    assert(!this.#finished, 'a sample was recorded after the recorder had finished')
    const series = this.#series[sample.seriesId]
    assert(series !== undefined, 'a sample names an unknown series')
    const counter =
      sample.failure === undefined ? series.ok : (series.failed ??= new OutcomeCounter('failed'))
    counter.record(sample)
    this.#kept.consider(sample)
  }

  /**
   * The sample just recorded took requests that were sent again, 1 or more. Apart from `record`,
   * because it is rare.
   */
  retried({ seriesId, failure }: Pick<Sample, 'seriesId' | 'failure'>, times: number): void {
    const series = this.#series[seriesId]
    const counter = failure === undefined ? series?.ok : series?.failed
    assert(counter !== undefined && counter.count > 0, 'retries of a sample that was not recorded')
    counter.retried(times)
  }

  /** Id of a check on a request series, made on first use. Names are folded as in `series`. */
  check(scenario: string, name: string, check: string): number {
    const request = this.#names.resolve(`request\n${scenario}`, name)
    const folded = this.#checkNames.resolve(scenario, `${request}: ${check}`) === otherName
    const identity = folded
      ? { scenario, name: otherName, check: otherName }
      : { scenario, name: request, check }
    return this.#idOf(`check\n${scenario}\n${identity.name}\n${identity.check}`, () =>
      this.#checks.push(new CheckCounter(identity)),
    )
  }

  /** `reason` undefined: passed. Counts in the current window. */
  recordCheck(checkId: number, reason: string | undefined): void {
    this.#checks[checkId]!.record(reason)
  }

  /** Id of a scenario, made on first use, for the iteration events below. */
  scenario(name: string): number {
    return this.#idOf(`scenario\n${name}`, () => this.#scenarios.push(new ScenarioCounter(name)))
  }

  /** `startDelayUs`: real start minus intended start, µs; a hair below 0 counts as 0. */
  iterationStarted(scenarioId: number, startDelayUs: number): void {
    this.#scenarios[scenarioId]!.started(startDelayUs)
  }

  iterationEnded(scenarioId: number, end: IterationEnd): void {
    this.#scenarios[scenarioId]!.ended(end)
  }

  /** Counts intended iterations that never started. Reasons are few and fixed: 'user limit', ... */
  dropped(scenarioId: number, reason: string, count: number): void {
    this.#scenarios[scenarioId]!.dropped(reason, count)
  }

  /** Number of virtual users of the scenario that run now. */
  setUsers(scenarioId: number, users: number): void {
    this.#scenarios[scenarioId]!.users = users
  }

  /** Closes every window that ended at or before `nowUs`. Call at least once a second. */
  closeUpTo(nowUs: number): void {
    if (nowUs < this.#endsAtUs || this.#finished) return
    let generator = this.#options.generator()
    while (nowUs >= this.#endsAtUs) {
      this.#close(generator)
      // The delays were measured once: a second copy would count them twice.
      generator = { ...generator, eventLoopDelay: new Histogram().encode() }
    }
  }

  /**
   * Closes the current, possibly partial window too: nothing measured stays behind. A window that
   * would begin at `nowUs` and holds nothing is not sent. Afterwards a sample is a bug and throws;
   * finishing twice is harmless.
   */
  finish(nowUs: number): void {
    this.closeUpTo(nowUs)
    if (this.#finished) return
    if (nowUs > this.#endsAtUs - windowUs || this.#holdsAnything()) {
      this.#close(this.#options.generator())
    }
    this.#finished = true
  }

  #close(generator: GeneratorWindow): void {
    const window: WindowData = {
      index: this.#index,
      worker: this.#options.worker,
      series: this.#takeSeries(),
      checks: this.#checks.filter(check => check.count > 0).map(check => check.take()),
      scenarios: this.#scenarios.map(scenario => scenario.take()),
      generator,
      ...this.#kept.take(),
      foldedNames: [...this.#names.takeFolded(), ...this.#checkNames.takeFolded()],
    }
    this.#index += 1
    this.#endsAtUs += windowUs
    this.#options.onWindow(window)
  }

  #takeSeries() {
    return this.#series.flatMap(({ identity, ok, failed }) =>
      [ok, failed]
        .filter(counter => counter !== undefined && counter.count > 0)
        .map(counter => counter!.take(identity)),
    )
  }

  #holdsAnything(): boolean {
    return (
      this.#series.some(({ ok, failed }) => ok.count + (failed?.count ?? 0) > 0) ||
      this.#checks.some(check => check.count > 0) ||
      this.#scenarios.some(scenario => scenario.counted)
    )
  }

  /** `make` appends to a list and returns its new length, as Array.push does. */
  #idOf(key: string, make: () => number): number {
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = make() - 1
    this.#ids.set(key, id)
    return id
  }
}
