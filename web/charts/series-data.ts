import type { Point } from '../data/point.ts'
import type { ChartData } from './plot/chart-data.ts'
import type { ChartSeries } from './plot/plot-options.ts'

/** The middle of what a point covers, seconds since run start. */
export const timesOf = (points: readonly Point[]): number[] =>
  points.map(({ index, seconds }) => index + seconds / 2)

/** The highest value of any point; 0 when there is none. */
export const largest = (points: readonly Point[], valueOf: (point: Point) => number): number =>
  points.reduce((most, point) => Math.max(most, valueOf(point) || 0), 0)

/** The data of a chart: one value of each point a series. */
export function dataOf(
  points: readonly Point[],
  ...values: readonly ((point: Point) => number | null)[]
): ChartData {
  const finite = (value: number | null) => (Number.isNaN(value) ? null : value)
  return [timesOf(points), ...values.map(valueOf => points.map(point => finite(valueOf(point))))]
}

/** Layers of a chart, the lowest last: each drawn with all that lie under it. */
export function stacked([times, ...layers]: ChartData): ChartData {
  const drawn = layers.map(layer => [...layer])
  for (let layer = layers.length - 2; layer >= 0; layer--) {
    for (let place = 0; place < times.length; place++) {
      drawn[layer]![place] = (drawn[layer]![place] ?? 0) + (drawn[layer + 1]![place] ?? 0)
    }
  }
  return [times, ...drawn]
}

interface Layer extends ChartSeries {
  readonly count: (point: Point) => number
}

const layers: readonly Layer[] = [
  {
    ...{ label: 'ok', colour: '--ok-layer', filled: true },
    count: ({ requests, failures }) => requests - failures,
  },
  { label: 'check failed', colour: '--check', filled: true, count: ({ kinds }) => kinds.check },
  { label: '4xx', colour: '--client', filled: true, count: ({ kinds }) => kinds.client },
  { label: '5xx', colour: '--server', filled: true, count: ({ kinds }) => kinds.server },
  { label: 'no answer', colour: '--none', filled: true, count: ({ kinds }) => kinds.none },
]

/** Exchanges per second by how they ended; a way to fail that never happened is left out. */
export function trafficOf(points: readonly Point[]) {
  const seen = layers.filter(
    ({ count, label }) => label === 'ok' || points.some(point => count(point) > 0),
  )
  const perSecond = ({ count }: Layer) => {
    return (point: Point) => count(point) / point.seconds
  }
  return { series: seen, data: dataOf(points, ...seen.map(perSecond)) }
}
