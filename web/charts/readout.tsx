import { useComputed } from '@preact/signals'
import type { RunModel } from '../data/run-model.ts'
import { nothing, shownClock } from '../data/shown.ts'
import type { ChartData } from './plot/chart-data.ts'
import type { ChartSeries } from './plot/plot-options.ts'

/** How near the pointer must be to a mark for its text, as a share of the shown time. */
const nearShare = 0.012

interface ReadoutProps {
  readonly model: RunModel
  readonly series: readonly ChartSeries[]
  readonly data: ChartData
  readonly shown: (value: number) => string
}

/** The legend, with the values under the pointer while there is one. */
export function Readout({ model, series, data, shown }: ReadoutProps) {
  const { value: cursor } = model.cursor
  const index = cursor === undefined ? -1 : nearest(data[0], cursor)
  const at = data[0][index]
  return (
    <div class="readout" aria-hidden="true">
      <MarkText model={model} />
      {at !== undefined && <span class="readout-at">{shownClock(at)}</span>}
      {series.map(({ label, colour, dash, swatch, shown: own }, place) => (
        <span key={label} class="readout-one">
          <i
            class={`swatch ${dash ? 'dashed' : (swatch ?? '')}`}
            style={{ '--swatch': `var(${colour})` }}
          />
          {label}
          {index >= 0 && <b>{valueText(data[place + 1]?.[index], own ?? shown)}</b>}
        </span>
      ))}
    </div>
  )
}

const valueText = (value: number | null | undefined, shown: (value: number) => string) =>
  value === null || value === undefined ? nothing : shown(value)

function MarkText({ model }: { readonly model: RunModel }) {
  const text = useComputed(() => {
    const { value: cursor } = model.cursor
    if (cursor === undefined) return ''
    const { value: range } = model.range
    const near = nearShare * ((range ? range.to - range.from : model.next) || 1)
    const marks = model.page.value.marks.filter(({ atUs }) => Math.abs(atUs / 1e6 - cursor) <= near)
    return marks.map(mark => mark.text).join(' · ')
  })
  return text.value === '' ? null : <span class="readout-mark">⚑ {text.value}</span>
}

/** Place of the time closest to `wanted`; -1 of none. */
function nearest(times: readonly number[], wanted: number): number {
  let [low, high] = [0, times.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < wanted) low = middle + 1
    else high = middle
  }
  if (low > 0 && wanted - times[low - 1]! < times[low]! - wanted) return low - 1
  return times.length === 0 ? -1 : low
}
