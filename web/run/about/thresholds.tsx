import { formatClock, formatMeasured } from '../../../src/report/index.ts'
import type { RunPage } from '../../../src/server/api.ts'
import type { RunModel } from '../../data/run-model.ts'

type Result = RunPage['thresholds'][number]

const looks = {
  good: { sign: '✓', words: 'holds: ' },
  bad: { sign: '✕', words: 'broken: ' },
  open: { sign: '…', words: 'not known yet: ' },
} as const

/** Limits of the run, and whether they hold so far. */
export function Thresholds({ model }: { readonly model: RunModel }) {
  const { thresholds, item } = model.page.value
  if (thresholds.length === 0) return null
  const running = item.state === 'running'
  return (
    <section aria-labelledby="thresholds-title">
      <h2 id="thresholds-title" class="unseen">
        Thresholds{running && ' so far'}
      </h2>
      <ul class="thresholds">
        {thresholds.map(result => (
          <Threshold key={result.threshold.expression} {...{ result, running }} />
        ))}
      </ul>
    </section>
  )
}

function Threshold({ result, running }: { readonly result: Result; readonly running: boolean }) {
  const { threshold, ok, measured, brokenAtUs, note } = result
  const none = measured === undefined || measured === null
  // While a run goes on, what it lacks may still come.
  const look = running && none ? 'open' : ok ? 'good' : 'bad'
  const { sign, words } = looks[look]
  return (
    <li class={look}>
      <span class="sign" aria-hidden="true">
        {sign}
      </span>
      <span class="unseen">{words}</span>
      <code>{threshold.expression}</code>
      <span class="soft">
        {look === 'open'
          ? 'nothing measured yet'
          : formatMeasured(threshold, measured ?? undefined)}
        {brokenAtUs !== undefined && brokenAtUs !== null && ` at ${formatClock(brokenAtUs)}`}
        {look !== 'open' && note && ` · ${note}`}
      </span>
    </li>
  )
}
