import { useMemo } from 'preact/hooks'
import { formatRatio } from '../../src/report/index.ts'
import { Chart } from '../charts/chart.tsx'
import type { ChartData } from '../charts/plot/chart-data.ts'
import { onChartKey } from '../charts/plot/viewport.ts'
import type { Point } from '../data/point.ts'
import type { RunModel } from '../data/run-model.ts'
import { shownRate, shownUs, tickCount, tickUs } from '../data/shown.ts'

interface Side {
  readonly base: readonly Point[]
  readonly candidate: readonly Point[]
}

const series = [
  { label: 'base', colour: '--planned', width: 1.5 },
  { label: 'candidate', colour: '--p95', width: 1.5 },
] as const

interface View {
  readonly title: string
  readonly valueOf: (point: Point) => number
  readonly shown: (value: number) => string
  readonly tick?: (value: number) => string
}

const views: readonly View[] = [
  { title: 'p50', valueOf: point => point.p50Us, shown: shownUs, tick: tickUs },
  { title: 'p95', valueOf: point => point.p95Us, shown: shownUs, tick: tickUs },
  { title: 'p99', valueOf: point => point.p99Us, shown: shownUs, tick: tickUs },
  {
    title: 'Requests per second',
    valueOf: point => point.requests / point.seconds,
    shown: shownRate,
    tick: tickCount,
  },
  {
    title: 'Failed',
    valueOf: point => (point.requests === 0 ? NaN : point.failures / point.requests),
    shown: formatRatio,
  },
  { title: 'Users', valueOf: point => point.users, shown: tickCount },
]

/** Two runs laid over each other, second by second from their starts. */
export function OverlayCharts({ model, base, candidate }: Side & { readonly model: RunModel }) {
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

function Overlay(props: Side & { readonly model: RunModel; readonly view: View }) {
  const { model, base, candidate, view } = props
  const data = useMemo(() => joined({ base, candidate }, view.valueOf), [base, candidate, view])
  const highest = (points: readonly Point[]) =>
    view.shown(points.reduce((most, point) => Math.max(most, view.valueOf(point) || 0), 0))
  const summary = `At most ${highest(base)} in the base and ${highest(candidate)} in the candidate.`
  const { title, shown, tick } = view
  return <Chart {...{ model, title, series, data, summary, shown }} {...(tick ? { tick } : {})} />
}

function joined({ base, candidate }: Side, valueOf: (point: Point) => number): ChartData {
  const [first, second] = [base, candidate].map(
    points => new Map(points.map(point => [point.index + point.seconds / 2, point])),
  )
  const times = [...new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])])]
  times.sort((a, b) => a - b)
  const values = (points: ReadonlyMap<number, Point> | undefined) =>
    times.map(time => {
      const point = points?.get(time)
      const value = point ? valueOf(point) : NaN
      return Number.isNaN(value) ? null : value
    })
  return [times, values(first), values(second)]
}
