import { Histogram } from '../histogram.ts'
import { NameTable, otherName } from '../record/name-table.ts'
import type { CheckSummary, RunTotals, ScenarioSummary, SeriesSummary } from '../run-summary.ts'
import type { CheckWindow, ScenarioWindow, WindowData } from '../window.ts'
import { SeriesTotal } from './series-total.ts'

const maxNames = 500
const maxChecks = 4 * maxNames

export interface ScenarioModel {
  readonly scenario: string
  readonly model: 'open' | 'closed'
}

/** The model of a run with these scenarios; 'closed' when there is none. */
export function runModel(scenarios: readonly ScenarioModel[]): 'open' | 'closed' | 'mixed' {
  const models = new Set(scenarios.map(({ model }) => model))
  const [only = 'closed'] = models
  return models.size > 1 ? 'mixed' : only
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
interface CheckTotal extends Mutable<CheckSummary> {
  firstFrom: readonly [index: number, worker: number]
}
interface ScenarioTotal extends Mutable<ScenarioSummary> {
  drops: Record<string, number>
}

/**
 * Everything that adds up over the measured run, all workers merged. Adding is commutative: the
 * order in which windows arrive changes nothing. Names and checks are bounded as in a worker.
 */
export class MeasuredTotals {
  readonly #series = new Map<string, SeriesTotal>()
  readonly #checks = new Map<string, CheckTotal>()
  readonly #scenarios = new Map<string, ScenarioTotal>()
  readonly #names = new NameTable(maxNames)
  readonly #checkNames = new NameTable(maxChecks)

  /** Scenarios are listed even when nothing of them was measured. */
  constructor(scenarios: readonly ScenarioModel[]) {
    for (const scenario of scenarios) this.#addScenario(scenario)
  }

  add(window: WindowData): void {
    for (const series of window.series) {
      const name = this.#names.resolve(`${series.kind}\n${series.scenario}`, series.name)
      const key = `${series.kind}\n${series.scenario}\n${name}`
      let total = this.#series.get(key)
      if (total === undefined) {
        this.#series.set(key, (total = new SeriesTotal({ ...series, name })))
      }
      total.add(series)
    }
    for (const check of window.checks) this.#addCheck(check, [window.index, window.worker])
    for (const scenario of window.scenarios) this.#addIterations(scenario)
  }

  /** Sorted by kind (requests, steps, polls), scenario and name. */
  series(): SeriesSummary[] {
    const kinds = ['request', 'step', 'poll']
    return [...this.#series.values()]
      .sort(
        (a, b) =>
          kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
          ordered(a.scenario, b.scenario) ||
          ordered(a.name, b.name),
      )
      .map(total => total.summary())
  }

  checks(): CheckSummary[] {
    return [...this.#checks.values()]
      .map(({ firstFrom: _, ...check }) => check)
      .sort(
        (a, b) =>
          ordered(a.scenario, b.scenario) || ordered(a.name, b.name) || ordered(a.check, b.check),
      )
  }

  scenarios(): ScenarioSummary[] {
    return [...this.#scenarios.values()]
      .map(scenario => ({ ...scenario, drops: sortedByKey(scenario.drops) }))
      .sort((a, b) => ordered(a.scenario, b.scenario))
  }

  totals(measuredSeconds: number): RunTotals {
    const requests = this.series().filter(({ kind }) => kind === 'request')
    const scenarios = [...this.#scenarios.values()]
    return {
      requests: sum(requests, ({ ok, failed }) => ok.count + failed.count),
      failures: sum(requests, ({ failed }) => failed.count),
      measuredSeconds,
      iterations: sum(scenarios, one => one.iterationsCompleted + one.iterationsFailed),
      drops: sum(scenarios, ({ drops }) => sum(Object.values(drops), count => count)),
      bytesIn: sum(requests, ({ bytesIn }) => bytesIn),
      bytesOut: sum(requests, ({ bytesOut }) => bytesOut),
    }
  }

  /** Names that only together exceeded the limit; each told once. */
  takeFolded(): string[] {
    return [...this.#names.takeFolded(), ...this.#checkNames.takeFolded()]
  }

  #addCheck(check: CheckWindow, from: readonly [number, number]): void {
    const { scenario } = check
    const shown = this.#checkNames.resolve(scenario, `${check.name}: ${check.check}`)
    const folded = shown === otherName
    const name = folded ? otherName : check.name
    const checkName = folded ? otherName : check.check
    const key = `${scenario}\n${name}\n${checkName}`
    let total = this.#checks.get(key)
    if (total === undefined) {
      const counts = { passed: 0, failed: 0, firstReason: '', firstFrom: [Infinity, 0] as const }
      this.#checks.set(key, (total = { scenario, name, check: checkName, ...counts }))
    }
    total.passed += check.passed
    total.failed += check.failed
    if (check.failed > 0 && isEarlier(from, total.firstFrom)) {
      total.firstReason = check.firstReason
      total.firstFrom = from
    }
  }

  #addIterations(window: ScenarioWindow): void {
    const known = this.#scenarios.get(window.scenario)
    const total = known ?? this.#addScenario({ scenario: window.scenario, model: 'closed' })
    total.iterationsStarted += window.iterationsStarted
    total.iterationsCompleted += window.iterationsCompleted
    total.iterationsFailed += window.iterationsFailed
    total.iterationsInterrupted += window.iterationsInterrupted
    total.startDelay.mergeEncoded(window.startDelay)
    for (const [reason, count] of Object.entries(window.drops)) {
      total.drops[reason] = (total.drops[reason] ?? 0) + count
    }
  }

  #addScenario(model: ScenarioModel): ScenarioTotal {
    const total = {
      ...model,
      iterationsStarted: 0,
      iterationsCompleted: 0,
      iterationsFailed: 0,
      iterationsInterrupted: 0,
      drops: {},
      startDelay: new Histogram(),
    }
    this.#scenarios.set(model.scenario, total)
    return total
  }
}

function isEarlier(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])
}

function sortedByKey(record: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => ordered(a, b)))
}

/** By code point, the same on every machine and in every language. */
function ordered(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0)
}
