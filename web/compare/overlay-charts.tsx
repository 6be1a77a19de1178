import { useMemo } from 'preact/hooks'
import { formatRatio } from '../../src/report/index.ts'
import type { RunItem } from '../../src/server/api.ts'
import { Chart } from '../charts/chart.tsx'
import { usersDrawn } from '../charts/load-data.ts'
import type { ChartData } from '../charts/plot/chart-data.ts'
import { onChartKey } from '../charts/plot/viewport.ts'
import { timesOf } from '../charts/series-data.ts'
import type { Point } from '../data/point.ts'
import type { RunModel } from '../data/run-model.ts'
import { shownRate, shownUs, tickCount, tickUs } from '../data/shown.ts'

/** What is drawn of one of the runs. */
interface Side {
  readonly points: readonly Point[]
  readonly state: RunItem['state']
}

interface Sides {
  readonly base: Side
  readonly candidate: Side
}

const series = [
  { label: 'base', colour: '--planned', width: 1.5 },
  { label: 'candidate', colour: '--p95', width: 1.5 },
] as const

interface View {
  readonly title: string
  /** One a point; nothing is drawn where it is NaN or null. */
  readonly valuesOf: (side: Side) => readonly (number | null)[]
  readonly shown: (value: number) => string
  readonly tick?: (value: number) => string
}

const each =
  (valueOf: (point: Point) => number): View['valuesOf'] =>
  ({ points }) =>
    points.map(valueOf)

const views: readonly View[] = [
  { title: 'p50', valuesOf: each(point => point.p50Us), shown: shownUs, tick: tickUs },
  { title: 'p95', valuesOf: each(point => point.p95Us), shown: shownUs, tick: tickUs },
  { title: 'p99', valuesOf: each(point => point.p99Us), shown: shownUs, tick: tickUs },
  {
    title: 'Requests per second',
    valuesOf: each(point => point.requests / point.seconds),
    shown: shownRate,
    tick: tickCount,
  },
  {
    title: 'Failed',
    valuesOf: each(point => (point.requests === 0 ? NaN : point.failures / point.requests)),
    shown: formatRatio,
  },
  {
    title: 'Users',
    valuesOf: ({ points, state }) =>
      usersDrawn(
        points.map(({ users }) => users),
        state,
      ),
    shown: tickCount,
  },
]

/** Two runs laid over each other, second by second from their starts. */
export function OverlayCharts({ model, base, candidate }: Sides & { readonly model: RunModel }) {
  return (
    <section aria-labelledby="overlay-title" onKeyDown={event => onChartKey(model, event)}>
      <header class="section-head">
        <h2 id="overlay-title">Laid over each other</h2>
        <p class="hint">Drag to zoom · double click for all</p>
      </header>
      <div class="charts">
        {views.map(view => (
          <Overlay key={view.title} {...{ model, base, candidate, view }} />
        ))}
      </div>
    </section>
  )
}

function Overlay(props: Sides & { readonly model: RunModel; readonly view: View }) {
  const { model, base, candidate, view } = props
  const data = useMemo(() => joined({ base, candidate }, view.valuesOf), [base, candidate, view])
  const [, ...drawn] = data
  const [first, second] = drawn.map(values =>
    view.shown(values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0)),
  )
  const summary = `At most ${first} in the base and ${second} in the candidate.`
  const { title, shown, tick } = view
  return <Chart {...{ model, title, series, data, summary, shown }} {...(tick ? { tick } : {})} />
}

function joined({ base, candidate }: Sides, valuesOf: View['valuesOf']): ChartData {
  const [first, second] = [base, candidate].map(side => {
    const values = valuesOf(side)
    return new Map(timesOf(side.points).map((time, place) => [time, values[place] ?? NaN]))
  })
  const times = [...new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])])]
  times.sort((a, b) => a - b)
  const values = (side: ReadonlyMap<number, number> | undefined) =>
    times.map(time => {
      const value = side?.get(time) ?? NaN
      return Number.isNaN(value) ? null : value
    })
  return [times, values(first), values(second)]
}
