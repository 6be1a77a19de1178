import { useMemo } from 'preact/hooks'
import type UPlot from 'uplot'
import { binsPerDoubling, binStartUs } from '../data/heat.ts'
import type { Point } from '../data/point.ts'
import type { RunModel } from '../data/run-model.ts'
import { shownRate, shownUs, tickUs } from '../data/shown.ts'
import { Chart } from './chart.tsx'
import { dataOf } from './series-data.ts'
import { paint } from './plot/paint.ts'

const steps = 8
const series = [
  { label: 'exchanges/s', colour: '--heat-8', width: 0, swatch: 'heat', shown: shownRate },
  { label: 'p95', colour: '--over-heat', width: 1.5 },
] as const

/** How many exchanges took how long, over time: what a percentile hides shows here. */
export function Heatmap({ model, points }: { model: RunModel; points: readonly Point[] }) {
  const span = useMemo(() => binsOf(points), [points])
  const [data, drawn] = useMemo(() => {
    const p95Us = (point: Point) => point.p95Us
    const perSecond = (point: Point) => point.requests / point.seconds
    return [dataOf(points, perSecond, p95Us), dataOf(points, () => null, p95Us)]
  }, [points])
  const summary =
    span === undefined
      ? 'No exchange yet.'
      : `Exchanges took between ${shownUs(binStartUs(span[0]))} and ` +
        `${shownUs(binStartUs(span[1] + 1))}.`
  return (
    <Chart
      model={model}
      title="Latency heatmap"
      summary={summary}
      series={series}
      data={data}
      drawn={drawn}
      shown={shownUs}
      tick={tickUs}
      logarithmic
      yRange={() => yRange(span)}
      draw={plot => drawHeat(plot, points)}
    />
  )
}

const yRange = (span: readonly [number, number] | undefined): [number, number] =>
  span ? [binStartUs(span[0]), binStartUs(span[1] + 1)] : [1000, 10_000]

/** Lowest and highest bin in use. */
function binsOf(points: readonly Point[]): readonly [number, number] | undefined {
  let [lowest, highest] = [Infinity, -Infinity]
  for (const { heat } of points) {
    for (const bin of heat.bins) {
      if (bin < lowest) lowest = bin
      if (bin > highest) highest = bin
    }
  }
  if (lowest > highest) return undefined
  return [Math.max(0, lowest - binsPerDoubling / 2), highest + binsPerDoubling / 2]
}

function drawHeat(plot: UPlot, points: readonly Point[]): void {
  const { ctx: context, bbox, scales } = plot
  const { min = 0, max = 0 } = scales['x'] ?? {}
  const seen = points.filter(({ index, seconds }) => index + seconds > min && index < max)
  const most = mostOf(seen)
  const colours = Array.from({ length: steps }, (_, step) => paint(`--heat-${step + 1}`))
  context.save()
  context.beginPath()
  context.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  context.clip()
  for (const { index, seconds, heat } of seen) {
    const left = Math.floor(plot.valToPos(index, 'x', true))
    const right = Math.ceil(plot.valToPos(index + seconds, 'x', true))
    for (let place = 0; place < heat.bins.length; place++) {
      const bin = heat.bins[place]!
      const share = Math.log1p(heat.counts[place]! / seconds) / Math.log1p(most)
      context.fillStyle = colours[Math.min(steps - 1, Math.floor(share * steps))]!
      const top = Math.floor(plot.valToPos(binStartUs(bin + 1), 'y', true))
      const bottom = Math.ceil(plot.valToPos(binStartUs(bin), 'y', true))
      context.fillRect(left, top, right - left, bottom - top)
    }
  }
  context.restore()
}

function mostOf(points: readonly Point[]): number {
  let most = 1
  for (const { heat, seconds } of points) {
    for (const count of heat.counts) most = Math.max(most, count / seconds)
  }
  return most
}
