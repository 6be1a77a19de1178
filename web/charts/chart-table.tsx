import { useState } from 'preact/hooks'
import type { RunModel } from '../data/run-model.ts'
import { nothing, shownClock } from '../data/shown.ts'
import type { ChartData } from './plot/chart-data.ts'
import type { ChartSeries } from './plot/plot-options.ts'

const rowsMost = 40

/** The numbers behind a chart; at most 40 moments of the shown time. Made when it is opened. */
export function ChartTable(props: {
  readonly model: RunModel
  readonly title: string
  readonly series: readonly ChartSeries[]
  readonly data: ChartData
  readonly shown: (value: number) => string
}) {
  const [open, setOpen] = useState(false)
  return (
    <details class="chart-numbers" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>
        Numbers<span class="unseen"> of “{props.title}”</span>
      </summary>
      {open && <Numbers {...props} />}
    </details>
  )
}

function Numbers({ model, title, series, data, shown }: Parameters<typeof ChartTable>[0]) {
  const { value: range } = model.range
  const places = data[0].flatMap((at, place) =>
    !range || (at >= range.from && at < range.to) ? [place] : [],
  )
  const step = Math.max(1, Math.ceil(places.length / rowsMost))
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label={`Numbers: ${title}`}>
      <table class="plain">
        <caption class="unseen">
          {title}
          {step > 1 && `, every ${step}th moment`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(({ label }) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {places
            .filter((_, order) => order % step === 0)
            .map(place => (
              <tr key={place}>
                <th scope="row">{shownClock(data[0][place] ?? 0)}</th>
                {series.map(({ label, shown: own }, column) => {
                  const value = data[column + 1]?.[place]
                  return (
                    <td key={label} class="number">
                      {value === null || value === undefined ? nothing : (own ?? shown)(value)}
                    </td>
                  )
                })}
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  )
}
