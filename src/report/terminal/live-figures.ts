import { Histogram, type TimelineName, type TimelinePoint } from '../../metrics/index.ts'

/** Seconds that the live rates and percentiles look back. */
const recentSeconds = 5
/** Seconds that a sparkline can show. */
const trailSeconds = 60

/** What one name has done so far, and lately. */
export interface LiveName {
  readonly scenario: string
  readonly name: string
  readonly requests: number
  readonly failures: number
  /** Over the last seconds. */
  readonly recent: LiveRecent
  /** p95 of each of the last 60 seconds, µs, oldest first; undefined where nothing was measured. */
  readonly p95Us: readonly (number | undefined)[]
}

export interface LiveRecent {
  readonly requestsPerSecond: number
  readonly failures: number
  readonly latency: Histogram
}

interface NameState {
  readonly scenario: string
  readonly name: string
  requests: number
  failures: number
  p95Us: (number | undefined)[]
}

/**
 * Figures for the live table, fed with the merged seconds of a run. Its memory is bounded by the
 * number of names: it keeps the last few seconds whole and a minute of one number a name.
 */
export class LiveFigures {
  readonly #names = new Map<string, NameState>()
  readonly #scenarios = new Set<string>()
  #recent: TimelinePoint[] = []
  #rates: number[] = []
  users = 0
  requests = 0
  failures = 0
  drops = 0

  add(point: TimelinePoint): void {
    this.users = point.users
    this.requests += point.requests
    this.failures += point.failures
    this.drops += point.drops
    this.#recent = [...this.#recent, point].slice(-recentSeconds)
    this.#rates = [...this.#rates, point.requests].slice(-trailSeconds)
    const seen = new Map(point.perName.map(one => [keyOf(one), one]))
    for (const [key, one] of seen) {
      this.#scenarios.add(one.scenario)
      if (!this.#names.has(key)) this.#names.set(key, stateOf(one))
    }
    for (const [key, state] of this.#names) addTo(state, seen.get(key))
  }

  /** Scenarios that made an exchange so far. */
  get scenarios(): number {
    return this.#scenarios.size
  }

  /** Exchanges per second, of each of the last 60 seconds. */
  get rates(): readonly number[] {
    return this.#rates
  }

  /** All names together, over the last seconds. */
  get recent(): LiveRecent {
    return this.#recentOf(this.#recent)
  }

  /** By scenario and name. */
  names(): LiveName[] {
    const recent = Map.groupBy(
      this.#recent.flatMap(point => point.perName),
      keyOf,
    )
    return [...this.#names.entries()]
      .map(([key, state]) => ({ ...state, recent: this.#recentOf(recent.get(key) ?? []) }))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  }

  #recentOf(
    points: readonly { requests: number; failures: number; latency: Histogram }[],
  ): LiveRecent {
    const seconds = Math.max(1, this.#recent.length)
    const sum = (valueOf: (point: { requests: number; failures: number }) => number) =>
      points.reduce((total, point) => total + valueOf(point), 0)
    return {
      requestsPerSecond: sum(point => point.requests) / seconds,
      failures: sum(point => point.failures),
      latency: Histogram.merged(points.map(point => point.latency)),
    }
  }
}

function keyOf({ scenario, name }: { scenario: string; name: string }): string {
  return `${scenario}\n${name}`
}

function stateOf({ scenario, name }: TimelineName): NameState {
  return { scenario, name, requests: 0, failures: 0, p95Us: [] }
}

function addTo(state: NameState, second: TimelineName | undefined): void {
  state.requests += second?.requests ?? 0
  state.failures += second?.failures ?? 0
  const p95Us = second === undefined ? undefined : second.latency.percentileUs(95)
  state.p95Us = [...state.p95Us, p95Us].slice(-trailSeconds)
}
