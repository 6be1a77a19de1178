import type { ComponentChildren } from 'preact'
import { formatSpan, modelLabel } from '../../../src/report/index.ts'
import type { RunModel } from '../../data/run-model.ts'
import { shownMoment } from '../../data/shown.ts'
import { RunBadge } from './run-badge.tsx'

/** What this run is and how it ended, or that it is under way. */
export function RunHead({
  model,
  steering,
}: {
  readonly model: RunModel
  readonly steering?: ComponentChildren
}) {
  const { item, endReason } = model.page.value
  const { script, startedAtUnixMs, workers, tags } = item
  const running = item.state === 'running'
  const durationUs = running ? model.points.value.length && model.next * 1e6 : item.durationUs
  return (
    <header class="run-head">
      <div class="run-title">
        <h1 title={script}>{script}</h1>
        <div id="verdict" class="verdict" role="status" aria-live="polite" tabIndex={-1}>
          <RunBadge item={item} />
          {running && <LiveState model={model} />}
          {endReason && <span class="soft">{endReason}</span>}
        </div>
      </div>
      <ul class="facts" aria-label="About this run">
        <li>{shownMoment(startedAtUnixMs)}</li>
        <li>
          <span class="unseen">Duration: </span>
          {formatSpan(durationUs)}
        </li>
        <li>
          <span class="chip" title={modelText[item.model]}>
            {modelLabel(item.model)}
          </span>
        </li>
        <li>{workers === 1 ? '1 worker' : `${workers} workers`}</li>
        {Object.entries(tags).map(([key, value]) => (
          <li key={key}>
            <span class="chip tag">
              {key}={value}
            </span>
          </li>
        ))}
        <li class="soft mono">{item.id}</li>
      </ul>
      {steering}
    </header>
  )
}

const modelText = {
  closed:
    'Users wait for their answers before they go on: a slow target gets less load, ' +
    'and latency counts from when a user got to a request.',
  open: 'Iterations start on schedule, whether the target answers or not.',
  mixed: 'Some scenarios start on schedule, some by users who wait for their answers.',
} as const

const connectionText = {
  stored: '',
  connecting: 'connecting …',
  live: '',
  reconnecting: 'reconnecting …',
  lost: 'connection lost; reload the page',
} as const

function LiveState({ model }: { readonly model: RunModel }) {
  const { value: phase } = model.phase
  const connection = connectionText[model.connection.value]
  return (
    <>
      {phase?.paused && <span class="chip warn">paused</span>}
      {phase && !phase.paused && phase.phase !== 'running' && (
        <span class="chip">{phase.phase}</span>
      )}
      {connection && <span class="chip warn">{connection}</span>}
    </>
  )
}
