import { useMemo } from 'preact/hooks'
import { formatRatio } from '../../src/report/index.ts'
import type { Point } from '../data/point.ts'
import type { RunModel } from '../data/run-model.ts'
import { shownRate, shownUs, tickCount, tickUs } from '../data/shown.ts'
import { Chart } from './chart.tsx'
import type { ChartSeries } from './plot/plot-options.ts'
import { arrivalsOf, usersOf } from './load-data.ts'
import { dataOf, largest, stacked, trafficOf } from './series-data.ts'

interface View {
  readonly model: RunModel
  readonly points: readonly Point[]
}

/** Exchanges per second, those that failed apart by what came back. */
export function TrafficChart({ model, points }: View) {
  const { series, data } = useMemo(() => trafficOf(points), [points])
  const drawn = useMemo(() => stacked(data), [data])
  const most = largest(points, point => point.requests / point.seconds)
  const failed = largest(points, point => point.failures / point.seconds)
  const summary = `At most ${shownRate(most)}; failures at most ${shownRate(failed)}.`
  return (
    <Chart
      {...{ model, series, data, drawn, summary }}
      title="Requests per second"
      shown={shownRate}
      tick={tickCount}
    />
  )
}

const latencyLines = [
  { label: 'p50', colour: '--p50' },
  { label: 'p95', colour: '--p95' },
  { label: 'p99', colour: '--p99' },
] as const

export function LatencyChart({ model, points }: View) {
  const data = useMemo(
    () =>
      dataOf(
        points,
        point => point.p50Us,
        point => point.p95Us,
        point => point.p99Us,
      ),
    [points],
  )
  const worst = largest(points, point => point.p99Us)
  const summary = `The p99 of a moment was at most ${shownUs(worst)}.`
  return (
    <Chart
      {...{ model, data, summary }}
      title="Latency"
      series={latencyLines}
      shown={shownUs}
      tick={tickUs}
      emptyTop={1000}
    />
  )
}

/** Users, and for users of a closed model how many the script wants. */
export function UsersChart({ model, points }: View) {
  const { scenarios, item } = model.page.value
  const view = useMemo(
    () => usersOf(points, scenarios, item.state),
    [points, scenarios, item.state],
  )
  const summary = `At most ${largest(points, ({ users }) => users)} users.`
  const wholeOnly = (users: number) => (Number.isInteger(users) ? tickCount(users) : '')
  return (
    <Chart {...{ model, summary }} {...view} title="Users" shown={tickCount} tick={wholeOnly} />
  )
}

/** Iterations started per second against how many should start; for open scenarios. */
export function ArrivalsChart({ model, points }: View) {
  const { scenarios } = model.page.value
  const view = useMemo(() => arrivalsOf(points, scenarios), [points, scenarios])
  return <Chart {...{ model }} {...view} title="Arrival rate" shown={shownRate} tick={tickCount} />
}

const delayLines = [
  { label: 'start delay p99', colour: '--p99' },
  { label: 'event loop delay p99', colour: '--p50' },
] as const

/** How late the generator itself was. */
export function DelayChart({ model, points }: View) {
  const data = useMemo(
    () =>
      dataOf(
        points,
        point => point.startDelayP99Us,
        point => point.eventLoopDelayP99Us,
      ),
    [points],
  )
  const worst = largest(points, point => point.startDelayP99Us)
  const summary = `Iterations of a moment started at most ${shownUs(worst)} late at the p99.`
  return (
    <Chart
      {...{ model, data, summary }}
      title="Start delay"
      series={delayLines}
      shown={shownUs}
      tick={tickUs}
      emptyTop={1000}
    />
  )
}

const workersShown = 6

/** How busy the workers were. */
export function GeneratorChart({ model, points }: View) {
  const workers = Math.min(
    workersShown,
    largest(points, point => point.cpuRatios.length),
  )
  const series: ChartSeries[] = [
    { label: 'event loop', colour: '--users', width: 2 },
    ...Array.from({ length: workers }, (_, worker) => ({
      label: `CPU ${worker}`,
      colour: `--worker-${worker + 1}`,
    })),
  ]
  const data = useMemo(
    () =>
      dataOf(
        points,
        point => point.eventLoopUtilization,
        ...Array.from({ length: workers }, (_, worker) => {
          return (point: Point) => point.cpuRatios[worker] ?? null
        }),
      ),
    [points, workers],
  )
  const busiest = formatRatio(largest(points, point => point.eventLoopUtilization))
  return (
    <Chart
      {...{ model, series, data }}
      title="Generator"
      summary={`The busiest event loop was at most ${busiest} busy.`}
      shown={formatRatio}
      yRange={(_lowest, highest) => [0, Math.max(1, highest * 1.05)]}
    />
  )
}
