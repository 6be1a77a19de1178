import type uPlot from 'uplot'
import type { RunModel } from '../../data/run-model.ts'
import { shownClock } from '../../data/shown.ts'
import { drawMarks } from './draw-marks.ts'
import { paint } from './paint.ts'
import { bindings } from './pointer.ts'
import { show, shownStretch } from './viewport.ts'

/** One line or layer of a chart. */
export interface ChartSeries {
  readonly label: string
  /** Custom property that holds its colour. */
  readonly colour: string
  /** A layer that is filled down to the one below, or to the axis. @default false */
  readonly filled?: boolean
  /** @default solid */
  readonly dash?: readonly number[]
  /** @default 1.5 px */
  readonly width?: number
  /** In the legend: the colours of the heatmap, from few to many. @default its own colour */
  readonly swatch?: 'heat'
  /** A value with its unit. @default as the chart says */
  readonly shown?: (value: number) => string
}

export interface PlotSettings {
  readonly model: RunModel
  readonly series: readonly ChartSeries[]
  readonly logarithmic: boolean
  readonly yRange: (lowest: number, highest: number) => [number, number]
  readonly tick: (value: number) => string
  readonly draw?: (plot: uPlot) => void
  readonly width: number
  readonly height: number
}

const axisWidth = 56
const font = '11px system-ui, sans-serif'

/** How uPlot draws one of our charts. All charts of a run share its range and its pointer. */
export function plotOptions(settings: PlotSettings): uPlot.Options {
  const { model, width, height, draw } = settings
  return {
    width,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: `run ${model.page.peek().item.id}`, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      y: false,
      bind: bindings(model),
    },
    scales: { x: xScale(model), y: yScale(settings) },
    axes: axes(settings),
    series: [{}, ...settings.series.map(seriesOptions)],
    hooks: {
      setSelect: [plot => selected(model, plot)],
      setCursor: [plot => pointed(model, plot)],
      drawAxes: draw ? [draw] : [],
      draw: [plot => drawMarks(plot, model)],
    },
  }
}

function xScale(model: RunModel): uPlot.Scale {
  return {
    time: false,
    range: () => {
      const { from, to } = shownStretch(model)
      return [from, to]
    },
  }
}

function yScale({ logarithmic, yRange }: PlotSettings): uPlot.Scale {
  const finite = (value: number | null) => (Number.isFinite(value) ? Number(value) : 0)
  return {
    distr: logarithmic ? 3 : 1,
    log: 10,
    range: (_plot, lowest, highest) => yRange(finite(lowest), finite(highest)),
  }
}

function axes({ tick, logarithmic }: PlotSettings): uPlot.Axis[] {
  const look = {
    stroke: () => paint('--text-soft'),
    font,
    grid: { stroke: () => paint('--grid'), width: 1 },
    ticks: { show: false },
  }
  return [
    {
      ...look,
      space: 70,
      size: 30,
      gap: 9,
      incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400],
      values: (_plot, splits) => splits.map(value => shownClock(value)),
    },
    {
      ...look,
      space: logarithmic ? 24 : 34,
      size: axisWidth,
      gap: 6,
      ...(logarithmic ? { splits: roundSplits } : {}),
      values: (_plot, splits) =>
        splits.map(value => (value === null || value === undefined ? '' : tick(value))),
    },
  ]
}

/** 1, 2 and 5 of every decade; only 1 when there are many decades. */
function roundSplits(_plot: uPlot, _axis: number, lowest: number, highest: number): number[] {
  const firsts = Math.log10(highest / lowest) > 2 ? [1] : [1, 2, 5]
  const splits: number[] = []
  for (let decade = 10 ** Math.floor(Math.log10(lowest)); decade <= highest; decade *= 10) {
    splits.push(...firsts.map(first => first * decade))
  }
  return splits.filter(split => split >= lowest && split <= highest)
}

function seriesOptions(series: ChartSeries): uPlot.Series {
  const colour = () => paint(series.colour)
  return {
    label: series.label,
    stroke: colour,
    width: series.width ?? (series.filled ? 1 : 1.5),
    ...(series.dash ? { dash: [...series.dash] } : {}),
    ...(series.filled ? { fill: () => `${paint(series.colour)}` } : {}),
    points: { show: (plot, index) => isLonely(plot, index), size: 7, fill: colour },
    spanGaps: false,
  }
}

/** A run of one second is a dot: a line needs two. */
function isLonely(plot: uPlot, index: number): boolean {
  let seen = 0
  for (const value of plot.data[index] ?? []) {
    if (value !== null && value !== undefined && ++seen > 1) return false
  }
  return seen === 1
}

function selected(model: RunModel, plot: uPlot): void {
  const { left, width } = plot.select
  if (width < 4) return
  show(model, Math.floor(plot.posToVal(left, 'x')), Math.ceil(plot.posToVal(left + width, 'x')))
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}

function pointed(model: RunModel, plot: uPlot): void {
  const { left } = plot.cursor
  const at = left === undefined || left < 0 ? undefined : plot.posToVal(left, 'x')
  if (at !== model.cursor.peek()) model.cursor.value = at
}
