import { useEffect, useMemo, useRef } from 'preact/hooks'
import { formatCount, formatRatio } from '../../../src/report/index.ts'
import { Heatmap } from '../../charts/heatmap.tsx'
import { LatencyChart, TrafficChart } from '../../charts/run-charts.tsx'
import { chartedPoints } from '../../charts/charted-points.ts'
import type { NameTotal } from '../../data/name-totals.ts'
import type { Point } from '../../data/point.ts'
import type { RunModel } from '../../data/run-model.ts'
import { shownClock } from '../../data/shown.ts'
import { Samples } from './samples.tsx'

/** Everything about one name: charts, statuses, failures by reason, checks, kept samples. */
export function NameDetails(props: {
  readonly model: RunModel
  readonly nameKey: string
  readonly onClose: () => void
}) {
  const { model, nameKey, onClose } = props
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    heading.current?.scrollIntoView({ block: 'nearest' })
  }, [nameKey])
  const total = model.names.value.of.names.get(nameKey)
  const { value: history } = model.history
  if (!total) return null
  return (
    <section
      class="details card"
      aria-labelledby="details-title"
      onKeyDown={event => event.key === 'Escape' && onClose()}
    >
      <header class="section-head">
        <h3 id="details-title" ref={heading} tabIndex={-1} dir="auto">
          {total.name}
        </h3>
        <span class="soft">{total.scenario}</span>
        <span class="grow" />
        <button type="button" class="quiet screen-only" onClick={onClose}>
          Close <span aria-hidden="true">×</span>
        </button>
      </header>
      {history?.key === nameKey ? (
        <NameCharts model={model} all={history.points} />
      ) : (
        <p class="empty">computing …</p>
      )}
      <div class="detail-lists">
        <Statuses total={total} />
        <Failures total={total} />
        <Checks total={total} />
      </div>
      <Samples samples={total.kept} />
    </section>
  )
}

function NameCharts({ model, all }: { readonly model: RunModel; readonly all: readonly Point[] }) {
  const { item } = model.page.value
  const points = useMemo(() => chartedPoints(all, item), [all, item.state, item.durationUs])
  const view = { model, points }
  return (
    <div class="charts">
      <TrafficChart {...view} />
      <LatencyChart {...view} />
      <Heatmap {...view} />
    </div>
  )
}

function Statuses({ total }: { readonly total: NameTotal }) {
  const statuses = Object.entries(total.statuses).sort(([a], [b]) => Number(a) - Number(b))
  if (statuses.length === 0 || total.kind !== 'request') return null
  return (
    <section aria-label="Statuses">
      <h4>Statuses</h4>
      <table class="plain">
        <tbody>
          {statuses.map(([status, count]) => (
            <tr key={status}>
              <th scope="row">{status === '0' ? 'no answer' : status}</th>
              <td class="number">{formatCount(count)}</td>
              <td class="number soft">{formatRatio(count / total.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Failures({ total }: { readonly total: NameTotal }) {
  const reasons = [...total.reasons.values()].sort((a, b) => b.count - a.count)
  if (reasons.length === 0) return null
  return (
    <section aria-label="Failures by reason" class="wide">
      <h4>Failures by reason</h4>
      <div class="scroll-x">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col" class="number">
                Count
              </th>
              <th scope="col" class="number">
                First
              </th>
              <th scope="col" class="number">
                Last
              </th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ reason, count, firstAtUs, lastAtUs }) => (
              <tr key={reason}>
                <th scope="row" class="reason">
                  {reason}
                </th>
                <td class="number">{formatCount(count)}</td>
                <td class="number">{shownClock(firstAtUs / 1e6)}</td>
                <td class="number">{shownClock(lastAtUs / 1e6)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Checks({ total }: { readonly total: NameTotal }) {
  const checks = [...total.checks.values()]
  if (checks.length === 0) return null
  return (
    <section aria-label="Checks">
      <h4>Checks</h4>
      <table class="plain">
        <tbody>
          {checks.map(({ check, passed, failed, firstReason }) => (
            <tr key={check}>
              <th scope="row">{check}</th>
              <td class="number">{formatCount(passed)} passed</td>
              <td class={failed > 0 ? 'number bad' : 'number zero'}>
                {formatCount(failed)} failed
              </td>
              <td class="soft reason">{firstReason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
