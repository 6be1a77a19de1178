import type { RunItem, RunPage } from '../../src/server/api.ts'
import type { Point, ScenarioPoint } from '../data/point.ts'
import { shownRate } from '../data/shown.ts'
import type { ChartData } from './plot/chart-data.ts'
import type { ChartSeries } from './plot/plot-options.ts'
import { largest, timesOf } from './series-data.ts'

type Scenarios = RunPage['scenarios']
type Model = Scenarios[number]['model']
type Planned = (seconds: number) => number | null

interface LoadLine extends ChartSeries {
  readonly values: readonly (number | null)[]
}

/**
 * Users over time. Those of a closed model beside how many the script wants; in a mixed run, users
 * that arrivals keep busy have a line of their own.
 */
export function usersOf(points: readonly Point[], scenarios: Scenarios, state: RunItem['state']) {
  const planned = plannedOf(scenarios, 'closed')
  const users = (model?: Model) =>
    usersDrawn(points.map(countedIn(scenarios, model, one => one.users)), state)
  const plan = planned ? [planLine(points, planned)] : []
  const mixed = new Set(scenarios.map(({ model }) => model)).size > 1
  return chartOf(
    points,
    mixed
      ? [
          { label: 'users', colour: '--users', width: 2, values: users('closed') },
          ...plan,
          { label: 'busy with arrivals', colour: '--p50', values: users('open') },
        ]
      : [{ label: 'users', colour: '--users', width: 2, values: users() }, ...plan],
  )
}

/** Iterations started and dropped per second in open scenarios, and how many should start. */
export function arrivalsOf(points: readonly Point[], scenarios: Scenarios) {
  const perSecond = (valueOf: (one: ScenarioPoint) => number) => {
    const counted = countedIn(scenarios, 'open', valueOf)
    return (point: Point) => counted(point) / point.seconds
  }
  const [started, dropped] = [perSecond(one => one.iterationsStarted), perSecond(one => one.drops)]
  const drops = points.some(point => dropped(point) > 0)
  const planned = plannedOf(scenarios, 'open') ?? (() => null)
  const lines: LoadLine[] = [
    { label: 'started', colour: '--users', width: 2, values: points.map(started) },
    planLine(points, planned),
    ...(drops ? [{ label: 'dropped', colour: '--server', values: points.map(dropped) }] : []),
  ]
  const most = shownRate(largest(points, started))
  const summary = `At most ${most} iterations started${drops ? '; some dropped' : ''}.`
  return { ...chartOf(points, lines), summary }
}

function chartOf(points: readonly Point[], lines: readonly LoadLine[]) {
  const data: ChartData = [timesOf(points), ...lines.map(({ values }) => values)]
  return { series: lines, data }
}

const planLine = (points: readonly Point[], planned: Planned): LoadLine => ({
  ...{ label: 'as planned', colour: '--planned', dash: [4, 4] },
  values: timesOf(points).map(planned),
})

/** A figure of a point, of the scenarios of this model together. @default all */
function countedIn(
  scenarios: Scenarios,
  model: Model | undefined,
  valueOf: (one: ScenarioPoint) => number,
): (point: Point) => number {
  const wanted = new Set(
    scenarios.filter(one => model === undefined || one.model === model).map(one => one.scenario),
  )
  return point =>
    point.scenarios.reduce((sum, one) => sum + (wanted.has(one.scenario) ? valueOf(one) : 0), 0)
}

/** Users are counted at the end of a second: that all are gone at the end of a run is no change. */
export function usersDrawn(
  values: readonly number[],
  state: RunItem['state'],
): readonly (number | null)[] {
  if (state === 'running') return values
  const last = values.findLastIndex(value => value > 0)
  return values.map((value, place) => (place > last ? null : value))
}

/** The load that the script intends at a moment, all scenarios of the model together. */
function plannedOf(scenarios: Scenarios, model: Model): Planned | undefined {
  const profiles = scenarios.flatMap(one =>
    one.model === model && one.profile.length > 0 ? [one.profile] : [],
  )
  if (profiles.length === 0) return undefined
  return seconds => {
    const values = profiles.map(profile => valueAt(profile, seconds * 1e6))
    const known = values.filter(value => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
  }
}

function valueAt(profile: Scenarios[number]['profile'], atUs: number): number | null {
  const next = profile.findIndex(one => one.atUs >= atUs)
  const after = profile[next]
  const before = profile[next - 1]
  if (after === undefined) return null
  if (before === undefined || after.atUs === before.atUs) return after.value
  const share = (atUs - before.atUs) / (after.atUs - before.atUs)
  return before.value + share * (after.value - before.value)
}
