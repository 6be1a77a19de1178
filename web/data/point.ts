import { Histogram, type RunSecond, type SeriesWindow } from '../../src/metrics/index.ts'
import { heatOf, type Heat } from './heat.ts'

/** Failed exchanges by what came back. They add up to all failures. */
export interface FailureKinds {
  /** Answers 400 to 499. */
  client: number
  /** Answers 500 and above. */
  server: number
  /** No answer: timeout, refused, reset. */
  none: number
  /** An answer that a check, a schema or an expected status did not accept. */
  check: number
}

/** What one scenario did in a point. */
export interface ScenarioPoint {
  readonly scenario: string
  readonly users: number
  readonly iterationsStarted: number
  readonly drops: number
}

/** What charts and totals need of one second, or of several that were merged. */
export interface Point {
  /** First second covered. */
  readonly index: number
  readonly seconds: number
  readonly requests: number
  readonly failures: number
  readonly kinds: Readonly<FailureKinds>
  readonly users: number
  readonly iterationsStarted: number
  readonly iterations: number
  readonly drops: number
  readonly scenarios: readonly ScenarioPoint[]
  readonly bytesIn: number
  readonly bytesOut: number
  /** NaN when there was no request. */
  readonly p50Us: number
  readonly p95Us: number
  readonly p99Us: number
  readonly heat: Heat
  /** Encoded histograms, to be merged over a range. */
  readonly latency: Uint8Array
  readonly startDelay: Uint8Array
  readonly startDelayP99Us: number
  readonly eventLoopDelayP99Us: number
  /** Of the busiest worker, 0..1. */
  readonly eventLoopUtilization: number
  /** CPU seconds per second, one a worker in the order of their numbers. */
  readonly cpuRatios: readonly number[]
}

const latency = new Histogram()
const startDelay = new Histogram()
const eventLoopDelay = new Histogram()

/** The point of a second; of the series for which `wanted` says so alone. @default requests */
export function pointOf(
  second: RunSecond,
  wanted: (series: SeriesWindow) => boolean = ({ kind }) => kind === 'request',
): Point {
  const series = second.series.filter(wanted)
  const failed = series.filter(({ outcome }) => outcome === 'failed')
  merge(
    latency,
    series.map(one => one.latency),
  )
  merge(
    startDelay,
    second.scenarios.map(one => one.startDelay),
  )
  merge(
    eventLoopDelay,
    second.generators.map(one => one.eventLoopDelay),
  )
  return {
    index: second.index,
    seconds: second.seconds,
    requests: sum(series, one => one.count),
    failures: sum(failed, one => one.count),
    kinds: kindsOf(failed),
    ...scenarioFigures(second),
    bytesIn: sum(series, one => one.bytesIn),
    bytesOut: sum(series, one => one.bytesOut),
    p50Us: latency.percentileUs(50),
    p95Us: latency.percentileUs(95),
    p99Us: latency.percentileUs(99),
    heat: heatOf(latency),
    latency: latency.encode(),
    startDelay: startDelay.encode(),
    startDelayP99Us: startDelay.percentileUs(99),
    eventLoopDelayP99Us: eventLoopDelay.percentileUs(99),
    eventLoopUtilization: Math.max(0, ...second.generators.map(one => one.eventLoopUtilization)),
    cpuRatios: second.generators.map(one => one.cpuRatio),
  }
}

function scenarioFigures(second: RunSecond) {
  const scenarios = second.scenarios.map(({ scenario, users, iterationsStarted, drops }) => {
    return { scenario, users, iterationsStarted, drops: sum(Object.values(drops), count => count) }
  })
  return {
    scenarios,
    users: sum(scenarios, one => one.users),
    iterationsStarted: sum(scenarios, one => one.iterationsStarted),
    iterations: sum(second.scenarios, one => one.iterationsCompleted + one.iterationsFailed),
    drops: sum(scenarios, one => one.drops),
  }
}

/** Failures of these series, told apart by the status that came back. */
export function kindsOf(failed: readonly Pick<SeriesWindow, 'statuses' | 'kind' | 'count'>[]) {
  const kinds: FailureKinds = { client: 0, server: 0, none: 0, check: 0 }
  for (const { statuses, kind, count } of failed) {
    if (kind === 'request') addStatuses(kinds, statuses)
    else kinds.check += count
  }
  return kinds
}

function addStatuses(kinds: FailureKinds, statuses: Readonly<Record<string, number>>): void {
  for (const [text, count] of Object.entries(statuses)) {
    const status = Number(text)
    if (status === 0) kinds.none += count
    else if (status >= 500) kinds.server += count
    else if (status >= 400) kinds.client += count
    else kinds.check += count
  }
}

function merge(into: Histogram, encoded: readonly Uint8Array[]): void {
  into.clear()
  for (const bytes of encoded) into.mergeEncoded(bytes)
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0)
}
