import { formatClock, formatMeasured } from '../../../src/report/index.ts'
import type { RunModel } from '../../data/run-model.ts'

/** Limits of the run, and whether they hold so far. */
export function Thresholds({ model }: { readonly model: RunModel }) {
  const { thresholds, item } = model.page.value
  if (thresholds.length === 0) return null
  const soFar = item.state === 'running' ? ' so far' : ''
  return (
    <section aria-labelledby="thresholds-title">
      <h2 id="thresholds-title" class="unseen">
        Thresholds{soFar}
      </h2>
      <ul class="thresholds">
        {thresholds.map(({ threshold, ok, measured, brokenAtUs, note }) => (
          <li key={threshold.expression} class={ok ? 'good' : 'bad'}>
            <span class="sign" aria-hidden="true">
              {ok ? '✓' : '✕'}
            </span>
            <span class="unseen">{ok ? 'holds: ' : 'broken: '}</span>
            <code>{threshold.expression}</code>
            <span class="soft">
              {formatMeasured(threshold, measured ?? undefined)}
              {brokenAtUs !== undefined && brokenAtUs !== null && ` at ${formatClock(brokenAtUs)}`}
              {note && ` · ${note}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
