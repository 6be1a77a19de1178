import { useMemo } from 'preact/hooks'
import { Histogram } from '../../src/metrics/index.ts'
import { formatCount, formatRatio, formatSpan } from '../../src/report/index.ts'
import type { RunItem } from '../../src/server/api.ts'
import { runAddress } from '../app/route.ts'
import { bytesOfBase64 } from '../data/base64.ts'
import { nothing, shownMoment, shownUs } from '../data/shown.ts'
import { RunBadge } from '../run/about/run-badge.tsx'

interface Rows {
  readonly shown: readonly RunItem[]
  readonly chosen: readonly string[]
  readonly choose: (id: string, wanted: boolean) => void
  readonly remove: (run: RunItem) => Promise<void>
}

export function RunRows({ shown, ...rest }: Rows) {
  return (
    <div class="card scroll-x" tabIndex={0} role="region" aria-label="List of runs">
      <table class="runs">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Compare</span>
            </th>
            <th scope="col">Run</th>
            <th scope="col">Verdict</th>
            <th scope="col">Started</th>
            <th scope="col" class="number">
              Duration
            </th>
            <th scope="col" class="number">
              Requests
            </th>
            <th scope="col" class="number">
              p95
            </th>
            <th scope="col" class="number">
              Failed
            </th>
            <th scope="col">
              <span class="unseen">Delete</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(run => (
            <Row key={run.id} run={run} {...rest} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ run, chosen, choose, remove }: Omit<Rows, 'shown'> & { readonly run: RunItem }) {
  const p95 = useMemo(() => p95Of(run.latency), [run.latency])
  const failed = run.requests === 0 ? undefined : run.failures / run.requests
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={`Compare ${run.script} of ${shownMoment(run.startedAtUnixMs)}`}
          checked={chosen.includes(run.id)}
          onChange={event => choose(run.id, event.currentTarget.checked)}
        />
      </td>
      <th scope="row">
        <a class="run-link" href={runAddress(run.id)} title={`${run.script} ${run.id}`}>
          {run.script}
        </a>
        <span class="tags">
          {Object.entries(run.tags).map(([key, value]) => (
            <span key={key} class="chip tag" title={`${key}=${value}`}>
              {key}={value}
            </span>
          ))}
        </span>
      </th>
      <td>
        <RunBadge item={run} />
      </td>
      <td class="soft">{shownMoment(run.startedAtUnixMs)}</td>
      <td class="number" data-label="lasted">
        {formatSpan(run.durationUs)}
      </td>
      <td class="number" data-label="requests">
        {formatCount(run.requests)}
      </td>
      <td class="number" data-label="p95">
        {p95}
      </td>
      <td class={run.failures > 0 ? 'number bad' : 'number zero'} data-label="failed">
        {failed === undefined ? nothing : formatRatio(failed)}
      </td>
      <td>
        <button
          type="button"
          class="quiet"
          aria-label={`Delete the run of ${run.script}`}
          title="Delete"
          disabled={run.state === 'running'}
          onClick={() => void remove(run)}
        >
          <span aria-hidden="true">×</span>
        </button>
      </td>
    </tr>
  )
}

function p95Of(encoded: string): string {
  if (encoded === '') return nothing
  return shownUs(Histogram.decode(bytesOfBase64(encoded)).percentileUs(95))
}
