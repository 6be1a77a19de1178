import type { RunModel } from '../data/run-model.ts'
import { shownRange } from '../data/shown.ts'

/** Says that the numbers are of a part of the run, and takes that back. */
export function Selection({ model }: { readonly model: RunModel }) {
  const { value: range } = model.range
  const { value: finer } = model.finer
  const { warmUpSeconds } = model
  const leftOut = warmUpSeconds > 0 && !(range && range.to <= warmUpSeconds)
  return (
    <div class={range ? 'selection active' : 'selection'} role="status">
      {range && (
        <button type="button" class="chip range" onClick={() => model.select(undefined)}>
          range {shownRange(range)} <span aria-hidden="true">×</span>
          <span class="unseen">: show the whole run</span>
        </button>
      )}
      {range && <span class="soft">All numbers below are of this range.</span>}
      {leftOut && <span class="soft">Warm-up of {warmUpSeconds} s is left out of all totals.</span>}
      {finer === 'reading' && <span class="soft">reading finer seconds …</span>}
      {finer === 'unread' && (
        <span class="soft">Finer seconds cannot be read; these are merged ones.</span>
      )}
      {model.computing.value && <span class="soft">computing …</span>}
    </div>
  )
}
