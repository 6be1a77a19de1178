import { formatBytes, formatDurationUs } from '../../base/index.ts'
import { Histogram } from '../../metrics/index.ts'
import { formatCount, formatMs, tableLines, type Paint } from '../../report/index.ts'
import type { StoredRun } from '../../store/index.ts'

const columns = [
  { head: 'run', align: 'left' },
  { head: 'started', align: 'left' },
  { head: 'script', align: 'left', shrinks: true },
  { head: 'duration', align: 'right' },
  { head: 'requests', align: 'right' },
  { head: 'p95 ms', align: 'right' },
  { head: 'failed', align: 'right' },
  { head: 'verdict', align: 'left' },
  { head: 'size', align: 'right' },
  { head: 'tags', align: 'left', shrinks: true },
] as const

/** The list of runs for a terminal, one line each. */
export function runTable(
  runs: readonly StoredRun[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string {
  const painted = (run: StoredRun) =>
    run.state === 'running' ? paint.cyan : verdictOf(run) === 'pass' ? paint.green : paint.red
  const rows = runs.map(run => [
    { text: run.id },
    { text: startedAt(run) },
    { text: run.plan.script },
    { text: formatDurationUs(durationUsOf(run)) },
    { text: formatCount(run.requests) },
    { text: p95Of(run) },
    { text: formatCount(run.failures) },
    { text: verdictOf(run), paint: painted(run) },
    { text: formatBytes(run.storedBytes) },
    { text: tagsOf(run) },
  ])
  return tableLines({ columns, rows, width, paintHead: paint.dim, indent: 0 }).join('\n')
}

/** One run for `runs --json`; what is not known is null. */
export function runDocument(run: StoredRun) {
  const p95Us = run.end && Histogram.decode(run.end.latency).percentileUs(95)
  return {
    id: run.id,
    state: run.state,
    verdict: run.end?.verdict ?? null,
    script: run.plan.script,
    startedAt: new Date(run.startedAtUnixMs).toISOString(),
    durationMs: Math.round(durationUsOf(run)) / 1000,
    requests: run.requests,
    failures: run.failures,
    drops: run.drops,
    p95Ms: p95Us === undefined || Number.isNaN(p95Us) ? null : Math.round(p95Us) / 1000,
    tags: run.plan.tags,
    environment: run.environment,
    storedBytes: run.storedBytes,
  }
}

/** Of one that did not end, what is stored. */
function durationUsOf(run: StoredRun): number {
  return run.end?.facts.durationUs ?? run.seconds * 1_000_000
}

const verdictOf = (run: StoredRun) =>
  run.end?.verdict ?? (run.state === 'running' ? 'running' : 'killed')

function p95Of({ end }: StoredRun): string {
  const latency = end && Histogram.decode(end.latency)
  return latency === undefined || latency.count === 0 ? '–' : formatMs(latency.percentileUs(95))
}

/** '2026-01-02 03:04', by the clock of the person who looks. */
function startedAt({ startedAtUnixMs }: StoredRun): string {
  const at = new Date(startedAtUnixMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-')
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`
}

const tagsOf = ({ plan }: StoredRun) =>
  Object.entries(plan.tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')
