import { useSignalEffect } from '@preact/signals'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import { theme } from '../app/theme.ts'
import { usePrinting } from '../app/use-printing.ts'
import type { RunModel } from '../data/run-model.ts'
import { ChartTable } from './chart-table.tsx'
import type { ChartData } from './plot/chart-data.ts'
import { plotOptions, type ChartSeries } from './plot/plot-options.ts'
import { listenToTouch, listenToWheel } from './plot/pointer.ts'
import { Readout } from './readout.tsx'
import { onChartKey } from './plot/viewport.ts'

export interface ChartProps {
  readonly model: RunModel
  readonly title: string
  /** What a reader who does not see the chart should know. */
  readonly summary: string
  readonly series: readonly ChartSeries[]
  /** Times, then the values as they are; undefined leaves a gap. */
  readonly data: ChartData
  /** What is drawn where it is not the value itself: layers on top of each other. */
  readonly drawn?: ChartData
  /** A value with its unit. */
  readonly shown: (value: number) => string
  /** A value on the axis. @default shown */
  readonly tick?: (value: number) => string
  readonly logarithmic?: boolean
  /** Top of the axis while there is no value above 0. @default 1 */
  readonly emptyTop?: number
  /** @default from 0 to a little above the highest value */
  readonly yRange?: (lowest: number, highest: number) => [number, number]
  readonly draw?: (plot: UPlot) => void
  /** @default 180 px */
  readonly height?: number
}

/** What a sheet of A4 leaves of 182 mm inside a card, px: how wide it is, it does not say. */
const paperWidth = 660

/** One chart: heading with the values under the pointer, drawing, and its numbers as a table. */
export function Chart(props: ChartProps) {
  const { model, title, summary, series, data, shown } = props
  const titleId = useId()
  return (
    <figure class="chart card" aria-labelledby={titleId}>
      <figcaption class="chart-head">
        <h3 id={titleId}>{title}</h3>
        <Readout model={model} series={series} data={data} shown={shown} />
      </figcaption>
      <Plot {...props} />
      <p class="unseen">{summary}</p>
      <ChartTable model={model} title={title} series={series} data={data} shown={shown} />
    </figure>
  )
}

function Plot(props: ChartProps) {
  const { model, title, summary, height = 180 } = props
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot>(undefined)
  const latest = useRef(props)
  latest.current = props
  const data = (props.drawn ?? props.data) as UPlot.AlignedData
  const shape = props.series.map(one => one.label).join('\n')

  useLayoutEffect(() => {
    const { current: element } = place
    if (!element) return
    const made = create(element, latest, height)
    plot.current = made
    listenToWheel(model, made)
    listenToTouch(made)
    const watch = new ResizeObserver(() => {
      const { clientWidth } = element
      if (clientWidth > 0 && clientWidth !== made.width) {
        made.setSize({ width: clientWidth, height })
      }
    })
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
    }
  }, [model, shape, height])

  const printing = usePrinting()
  useLayoutEffect(() => {
    const width = printing ? paperWidth : place.current?.clientWidth
    if (width) plot.current?.setSize({ width, height })
  }, [printing, height])
  useEffect(() => plot.current?.setData(data), [data])
  useSignalEffect(() => redraw(plot.current, model))

  return (
    <div
      ref={place}
      class="plot"
      style={{ height: `${height}px` }}
      tabIndex={0}
      role="group"
      aria-roledescription="chart"
      aria-label={`${title}: ${summary} Plus, minus and arrow keys zoom and move.`}
      onKeyDown={event => onChartKey(model, event)}
    />
  )
}

function create(
  element: HTMLElement,
  latest: { readonly current: ChartProps },
  height: number,
): UPlot {
  const { model, series, shown, tick, logarithmic = false, data, drawn } = latest.current
  const options = plotOptions({
    ...{ model, series, logarithmic, height },
    width: element.clientWidth || 300,
    tick: tick ?? shown,
    yRange: (lowest, highest) => {
      const { yRange, emptyTop = 1 } = latest.current
      return yRange?.(lowest, highest) ?? [0, highest * 1.08 || emptyTop]
    },
    draw: made => latest.current.draw?.(made),
  })
  return new UPlot(options, (drawn ?? data) as UPlot.AlignedData, element)
}

/** Follows what is not in the data: range, colours, marks. */
function redraw(plot: UPlot | undefined, model: RunModel): void {
  void [theme.value, model.range.value, model.page.value.marks]
  plot?.redraw(false, true)
  if (plot) plot.setData(plot.data, true)
}
