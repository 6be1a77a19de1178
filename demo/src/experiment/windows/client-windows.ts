import { Table } from '../table.ts'
import {
  bucketsPerOctave,
  decodeLatency,
  encodeLatency,
  mergeLatencies,
  type EncodedLatency,
  type Latency,
} from './latency.ts'
import type { StoredGenerator, StoredScenario, StoredSecond, StoredSeries } from './second-bytes.ts'

/** Some seconds of the run as its clients saw them. */
export interface ClientWindow {
  /** The first of them, since the run began. */
  readonly second: number
  /** How many; the last window of a run may cover fewer than the others. */
  readonly seconds: number
  /** Names that had something end in it. */
  readonly names: readonly ClientName[]
  readonly scenarios: readonly StoredScenario[]
  readonly generators: readonly StoredGenerator[]
}

/** Exchanges (or steps, or polls) of one name that ended in a window. */
export interface ClientName {
  readonly kind: StoredSeries['kind']
  readonly scenario: string
  readonly name: string
  /** From the intended start, apart by outcome. */
  readonly ok: Latency
  readonly failed: Latency
  /**
   * Mean number in flight, by Little's law: what those that ended took from their real start, over
   * the time of the window.
   */
  readonly inFlight: number
  /** Answers by status; '0' is none. */
  readonly statuses: Readonly<Record<string, number>>
  /** By reason: 'status 503', 'timeout' ... */
  readonly failures: Readonly<Record<string, number>>
}

/** Windows as they are recorded; README.md describes it. */
export interface EncodedWindows {
  readonly windowSeconds: number
  readonly bucketsPerOctave: number
  readonly names: readonly SeriesName[]
  readonly reasons: readonly string[]
  readonly windows: readonly EncodedWindow[]
}

type SeriesName = readonly [kind: ClientName['kind'], scenario: string, name: string]

type EncodedWindow = readonly [
  second: number,
  seconds: number,
  names: readonly EncodedName[],
  scenarios: readonly EncodedScenario[],
  generators: readonly EncodedGenerator[],
]

type EncodedName = readonly [
  /** Index in `names`. */
  name: number,
  inFlight: number,
  /** Status, count, status, count ... */
  statuses: readonly number[],
  /** Index in `reasons`, count, ... */
  failures: readonly number[],
  ok: EncodedLatency,
  failed: EncodedLatency,
]

type EncodedScenario = readonly [
  scenario: string,
  users: number,
  started: number,
  completed: number,
  failed: number,
  interrupted: number,
  drops: Readonly<Record<string, number>>,
  startDelay: EncodedLatency,
]

type EncodedGenerator = readonly [
  worker: number,
  cpuRatio: number,
  eventLoopUtilization: number,
  eventLoopDelay: EncodedLatency,
]

/** Windows of equal length from the start of the run to its last second, without holes. */
export function windowsOf(
  stored: readonly StoredSecond[],
  { windowSeconds }: { readonly windowSeconds: number },
): ClientWindow[] {
  const end = Math.max(0, ...stored.map(({ second }) => second + 1))
  const byWindow = Map.groupBy(stored, ({ second }) => Math.floor(second / windowSeconds))
  return Array.from({ length: Math.ceil(end / windowSeconds) }, (_, index) => {
    const second = index * windowSeconds
    const seconds = Math.min(windowSeconds, end - second)
    return { second, seconds, ...mergedSeconds(byWindow.get(index) ?? [], seconds) }
  })
}

function mergedSeconds(stored: readonly StoredSecond[], seconds: number) {
  const series = stored.flatMap(one => one.series)
  const last = Math.max(...stored.map(({ second }) => second))
  const scenarios = stored.flatMap(one =>
    // Users are those at the end; a second that is in parts has some in each.
    one.scenarios.map(scenario => (one.second < last ? { ...scenario, users: 0 } : scenario)),
  )
  const generators = stored.flatMap(one => one.generators)
  return {
    names: groups(series, ({ kind, scenario, name }) => `${kind}\n${scenario}\n${name}`).map(list =>
      nameOf(list, seconds),
    ),
    scenarios: groups(scenarios, ({ scenario }) => scenario).map(scenarioOf),
    generators: groups(generators, ({ worker }) => String(worker)).map(generatorOf),
  }
}

type Some<T> = readonly [T, ...T[]]

function nameOf(list: Some<StoredSeries>, seconds: number): ClientName {
  const { kind, scenario, name } = list[0]
  const latencyOf = (wanted: StoredSeries['outcome']) =>
    mergeLatencies(list.filter(({ outcome }) => outcome === wanted).map(one => one.latency))
  const serviceTime = mergeLatencies(list.map(one => one.serviceTime))
  const failures = list.flatMap(one => one.failures)
  return {
    ...{ kind, scenario, name },
    ...{ ok: latencyOf('ok'), failed: latencyOf('failed') },
    inFlight: serviceTime.sumUs / (seconds * 1_000_000),
    statuses: added(list.flatMap(one => Object.entries(one.statuses))),
    failures: added(failures.map(({ reason, count }) => [reason, count])),
  }
}

function scenarioOf(list: Some<StoredScenario>): StoredScenario {
  const count = (pick: (one: StoredScenario) => number) =>
    list.reduce((sum, one) => sum + pick(one), 0)
  return {
    scenario: list[0].scenario,
    users: count(one => one.users),
    iterationsStarted: count(one => one.iterationsStarted),
    iterationsCompleted: count(one => one.iterationsCompleted),
    iterationsFailed: count(one => one.iterationsFailed),
    iterationsInterrupted: count(one => one.iterationsInterrupted),
    drops: added(list.flatMap(one => Object.entries(one.drops))),
    startDelay: mergeLatencies(list.map(one => one.startDelay)),
  }
}

function generatorOf(list: Some<StoredGenerator>): StoredGenerator {
  const mean = (pick: (one: StoredGenerator) => number) =>
    list.reduce((sum, one) => sum + pick(one), 0) / list.length
  return {
    worker: list[0].worker,
    cpuRatio: mean(one => one.cpuRatio),
    eventLoopUtilization: mean(one => one.eventLoopUtilization),
    eventLoopDelay: mergeLatencies(list.map(one => one.eventLoopDelay)),
  }
}

export function encodeWindows(
  windows: readonly ClientWindow[],
  { windowSeconds }: { readonly windowSeconds: number },
): EncodedWindows {
  const names = new Table<SeriesName>()
  const reasons = new Table<string>()
  const encodedName = (one: ClientName): EncodedName => [
    names.index([one.kind, one.scenario, one.name]),
    rounded(one.inFlight),
    Object.entries(one.statuses).flatMap(([status, count]) => [Number(status), count]),
    Object.entries(one.failures).flatMap(([reason, count]) => [reasons.index(reason), count]),
    encodeLatency(one.ok),
    encodeLatency(one.failed),
  ]
  const encoded = windows.map((window): EncodedWindow => [
    window.second,
    window.seconds,
    window.names.map(encodedName),
    window.scenarios.map(encodedScenario),
    window.generators.map(encodedGenerator),
  ])
  return {
    ...{ windowSeconds, bucketsPerOctave },
    ...{ names: names.values, reasons: reasons.values, windows: encoded },
  }
}

function encodedScenario(one: StoredScenario): EncodedScenario {
  const { scenario, users, iterationsStarted: started, iterationsCompleted: completed } = one
  const { iterationsFailed: failed, iterationsInterrupted: interrupted, drops } = one
  const startDelay = encodeLatency(one.startDelay)
  return [scenario, users, started, completed, failed, interrupted, drops, startDelay]
}

function encodedGenerator(one: StoredGenerator): EncodedGenerator {
  const [cpuRatio, utilization] = [rounded(one.cpuRatio), rounded(one.eventLoopUtilization)]
  return [one.worker, cpuRatio, utilization, encodeLatency(one.eventLoopDelay)]
}

/** What was encoded; shares and means to three decimals, all else to the last count. */
export function decodeWindows({ names, reasons, windows }: EncodedWindows): ClientWindow[] {
  return windows.map(([second, seconds, rows, scenarios, generators]) => ({
    ...{ second, seconds },
    names: rows.map(([index, inFlight, statuses, failures, ok, failed]) => {
      const [kind, scenario, name] = names[index]!
      return {
        ...{ kind, scenario, name, inFlight },
        ...{ ok: decodeLatency(ok), failed: decodeLatency(failed) },
        statuses: Object.fromEntries(pairs(statuses)),
        failures: Object.fromEntries(
          pairs(failures).map(([reason, count]) => [reasons[reason] ?? '', count]),
        ),
      }
    }),
    scenarios: scenarios.map(([scenario, users, started, completed, failed, ...rest]) => {
      const [interrupted, drops, startDelay] = rest
      return {
        ...{ scenario, users, iterationsStarted: started, iterationsCompleted: completed },
        ...{ iterationsFailed: failed, iterationsInterrupted: interrupted, drops },
        startDelay: decodeLatency(startDelay),
      }
    }),
    generators: generators.map(([worker, cpuRatio, eventLoopUtilization, delay]) => {
      return { worker, cpuRatio, eventLoopUtilization, eventLoopDelay: decodeLatency(delay) }
    }),
  }))
}

/** Lists of what has the same key, in the order in which keys came. */
function groups<T>(list: readonly T[], keyOf: (one: T) => string): Some<T>[] {
  return [...Map.groupBy(list, keyOf).values()].flatMap(([first, ...rest]) => {
    return first === undefined ? [] : [[first, ...rest] as const]
  })
}

function added(entries: readonly (readonly [string, number])[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [key, count] of entries) sums[key] = (sums[key] ?? 0) + count
  return sums
}

function pairs(flat: readonly number[]): [number, number][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[2 * index] ?? 0,
    flat[2 * index + 1] ?? 0,
  ])
}

const rounded = (value: number) => Math.round(value * 1_000) / 1_000
