import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import type { RunModel } from '../data/run-model.ts'
import {
  ArrivalsChart,
  DelayChart,
  GeneratorChart,
  LatencyChart,
  TrafficChart,
  UsersChart,
} from '../charts/run-charts.tsx'
import { Heatmap } from '../charts/heatmap.tsx'
import { chartedPoints } from '../charts/charted-points.ts'
import { onChartKey } from '../charts/plot/viewport.ts'
import { Marks } from './marks.tsx'
import { NamesSection } from './names/names-section.tsx'
import { Environment } from './about/environment.tsx'
import { Notices } from './about/notices.tsx'
import { OverviewCards } from './overview-cards.tsx'
import { RunHead } from './about/run-head.tsx'
import { Selection } from './selection.tsx'
import { Thresholds } from './about/thresholds.tsx'

export interface RunViewProps {
  readonly model: RunModel
  /** Buttons that steer the run; a report has none. */
  readonly steering?: ComponentChildren
  /** With its baseline; a report of a run that was compared has it. */
  readonly comparison?: ComponentChildren
}

/** A run, live or past, in the dashboard or in a report: always these parts. */
export function RunView({ model, steering, comparison }: RunViewProps) {
  return (
    <>
      <RunHead model={model} steering={steering} />
      <Notices model={model} />
      <Thresholds model={model} />
      <Selection model={model} />
      <OverviewCards model={model} />
      {comparison}
      <Charts model={model} />
      <NamesSection model={model} />
      <Environment model={model} />
    </>
  )
}

function Charts({ model }: { readonly model: RunModel }) {
  const { item } = model.page.value
  const { model: load, state, durationUs } = item
  const { value: all } = model.points
  const points = useMemo(() => chartedPoints(all, item), [all, state, durationUs])
  const view = { model, points }
  return (
    <section aria-labelledby="charts-title" onKeyDown={event => onChartKey(model, event)}>
      <header class="section-head">
        <h2 id="charts-title">Over time</h2>
        <p class="hint screen-only with-touch">
          Swipe sideways over a chart to zoom · double tap for all
        </p>
        <p class="hint screen-only with-mouse">
          Drag to zoom · Shift and drag to move · double click for all · keys <kbd>+</kbd>{' '}
          <kbd>−</kbd> <kbd>←</kbd> <kbd>→</kbd>
        </p>
      </header>
      <Marks model={model} />
      <div class="charts">
        <TrafficChart {...view} />
        <LatencyChart {...view} />
        <Heatmap {...view} />
        {load === 'closed' ? null : <ArrivalsChart {...view} />}
        <UsersChart {...view} />
        <DelayChart {...view} />
        <GeneratorChart {...view} />
      </div>
    </section>
  )
}
