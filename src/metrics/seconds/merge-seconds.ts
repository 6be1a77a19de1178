import { assert } from '../../base/index.ts'
import { Histogram } from '../histogram.ts'
import { FailureCounts } from '../record/failure-counts.ts'
import type {
  CheckWindow,
  GeneratorWindow,
  ScenarioWindow,
  SeriesWindow,
  WindowData,
} from '../window.ts'
import type { RunSecond, WorkerSecond } from './run-second.ts'

/** The windows that all workers closed for one second, as one. At least one window. */
export function secondOf(windows: readonly WindowData[]): RunSecond {
  const [first] = windows
  assert(first !== undefined, 'a second without windows')
  const { index } = first
  return atOnce(
    sameSecond(
      index,
      windows.map(window => ({ ...window, generators: [worked(window)] })),
    ),
  )
}

/** A second in which no worker delivered anything. */
export function emptySecond(index: number): RunSecond {
  const nothing = { series: [], checks: [], scenarios: [], generators: [], kept: [] }
  return { index, seconds: 1, ...nothing, keptDropped: 0, foldedNames: [] }
}

/** A second, and what other workers told of the same second later, as one. */
export function amendedSecond(second: RunSecond, late: readonly RunSecond[]): RunSecond {
  return late.length === 0 ? second : atOnce(sameSecond(second.index, [second, ...late]))
}

/**
 * Seconds that follow each other, as one that covers them all; holes between them count as seconds
 * without anything. At least one.
 */
export function mergedSeconds(seconds: readonly RunSecond[]): RunSecond {
  return atOnce(mergingSeconds(seconds))
}

/** As `mergedSeconds`, in steps of well under a millisecond: the work of many names is spread. */
export function mergingSeconds(seconds: readonly RunSecond[]): Merging {
  const ordered = seconds.toSorted((a, b) => a.index - b.index)
  const [first, last] = [ordered[0], ordered.at(-1)]
  assert(first !== undefined && last !== undefined, 'no seconds to merge')
  return merging({
    index: first.index,
    seconds: last.index + last.seconds - first.index,
    parts: ordered,
    usersOf: list => list.at(-1)?.users ?? 0,
  })
}

/** Each step merges one series; what it returns is the whole. */
export type Merging = Generator<undefined, RunSecond, undefined>

function atOnce(work: Merging): RunSecond {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/** All of them end at the same moment: their users add up. */
function sameSecond(index: number, parts: readonly Part[]): Merging {
  return merging({
    ...{ index, seconds: 1, parts },
    usersOf: list => sum(list.map(one => one.users)),
  })
}

type Part = Omit<RunSecond, 'index' | 'seconds'>

function worked(window: WindowData): WorkerSecond {
  return { worker: window.worker, windows: 1, ...window.generator }
}

function* merging(all: {
  readonly index: number
  readonly seconds: number
  readonly parts: readonly Part[]
  readonly usersOf: (windows: readonly ScenarioWindow[]) => number
}): Merging {
  const { index, seconds, parts, usersOf } = all
  const of = <T>(pick: (part: Part) => readonly T[]): T[] => parts.flatMap(pick)
  const byScenario = grouped(
    of(part => part.scenarios),
    one => one.scenario,
  )
  const series: SeriesWindow[] = []
  for (const list of grouped(
    of(part => part.series),
    seriesKey,
  )) {
    series.push(mergedSeries(list))
    yield
  }
  return {
    index,
    seconds,
    series,
    checks: grouped(
      of(part => part.checks),
      checkKey,
    ).map(mergedChecks),
    scenarios: byScenario.map(list => mergedScenarios(list, usersOf(list))),
    generators: grouped(
      of(part => part.generators),
      one => String(one.worker),
    )
      .map(mergedGenerators)
      .sort((a, b) => a.worker - b.worker),
    kept: of(part => part.kept),
    keptDropped: sum(parts.map(part => part.keptDropped)),
    foldedNames: [...new Set(of(part => part.foldedNames))],
  }
}

const seriesKey = ({ kind, scenario, name, outcome }: SeriesWindow) =>
  `${kind}\n${scenario}\n${name}\n${outcome}`

const checkKey = ({ scenario, name, check }: CheckWindow) => `${scenario}\n${name}\n${check}`

function mergedSeries(list: readonly [SeriesWindow, ...SeriesWindow[]]): SeriesWindow {
  const [first] = list
  if (list.length === 1) return first
  const failures = new FailureCounts()
  for (const { reason, count, ...times } of list.flatMap(one => one.failures)) {
    failures.add(reason, count, times)
  }
  const latency = mergedEncoded(list.map(one => one.latency))
  // In a closed model they are the same: the work is done once.
  const isSame = list.every(one => isEqual(one.latency, one.serviceTime))
  return {
    ...first,
    count: sum(list.map(one => one.count)),
    latency,
    serviceTime: isSame ? latency : mergedEncoded(list.map(one => one.serviceTime)),
    statuses: addedUp(list.map(one => one.statuses)),
    failures: failures.list(),
    bytesIn: sum(list.map(one => one.bytesIn)),
    bytesOut: sum(list.map(one => one.bytesOut)),
    retries: sum(list.map(one => one.retries)),
  }
}

function mergedChecks(list: readonly [CheckWindow, ...CheckWindow[]]): CheckWindow {
  return {
    ...list[0],
    passed: sum(list.map(one => one.passed)),
    failed: sum(list.map(one => one.failed)),
    firstReason: list.find(one => one.failed > 0)?.firstReason ?? '',
  }
}

function mergedScenarios(
  list: readonly [ScenarioWindow, ...ScenarioWindow[]],
  users: number,
): ScenarioWindow {
  return {
    scenario: list[0].scenario,
    users,
    iterationsStarted: sum(list.map(one => one.iterationsStarted)),
    iterationsCompleted: sum(list.map(one => one.iterationsCompleted)),
    iterationsFailed: sum(list.map(one => one.iterationsFailed)),
    iterationsInterrupted: sum(list.map(one => one.iterationsInterrupted)),
    drops: addedUp(list.map(one => one.drops)),
    startDelay: mergedEncoded(list.map(one => one.startDelay)),
  }
}

function mergedGenerators(list: readonly [WorkerSecond, ...WorkerSecond[]]): WorkerSecond {
  const windows = sum(list.map(one => one.windows))
  const mean = (pick: (one: GeneratorWindow) => number) =>
    sum(list.map(one => pick(one) * one.windows)) / windows
  return {
    worker: list[0].worker,
    windows,
    cpuRatio: mean(one => one.cpuRatio),
    eventLoopUtilization: mean(one => one.eventLoopUtilization),
    eventLoopDelay: mergedEncoded(list.map(one => one.eventLoopDelay)),
    memoryBytes: Math.max(...list.map(one => one.memoryBytes)),
  }
}

function mergedEncoded(encoded: readonly Uint8Array[]): Uint8Array {
  const [only] = encoded
  if (encoded.length === 1 && only) return only
  const histogram = new Histogram()
  for (const bytes of encoded) histogram.mergeEncoded(bytes)
  return histogram.encode()
}

const isEqual = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, place) => byte === b[place])

function addedUp(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const counts of all) {
    for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count
  }
  return sums
}

/** Lists of the items with the same key, in the order in which the keys first came. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return [...groups.values()]
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
