import type { ComponentChildren } from 'preact'
import { formatCount, formatRatio } from '../../src/report/index.ts'
import type { RunModel } from '../data/run-model.ts'
import { nothing, shownRate, shownShort, shownUs } from '../data/shown.ts'
import type { Overview } from '../data/overview.ts'

/** Time the rates refer to: the last second of a run that is over is not a whole one. */
export function measuredSeconds(model: RunModel, seconds: number): number {
  const { item } = model.page.value
  const { value: range } = model.range
  if (item.state === 'running') return seconds
  const endSeconds = item.durationUs / 1e6
  if (range === undefined) {
    return Math.min(seconds, Math.max(0, endSeconds - model.warmUpSeconds)) || seconds
  }
  const last = model.points.value.at(-1)
  if (last === undefined || range.to <= last.index) return seconds
  const measured = seconds - Math.max(0, last.index + last.seconds - endSeconds)
  return measured > 0 ? measured : seconds
}

/** The figures of the selection at a glance. */
export function OverviewCards({ model }: { readonly model: RunModel }) {
  const { of: overview } = model.overview.value
  const { item } = model.page.value
  const seconds = measuredSeconds(model, overview.seconds)
  const live = item.state === 'running' && !model.range.value
  const { latency } = overview
  return (
    <section aria-labelledby="overview-title" class="cards">
      <h2 id="overview-title" class="unseen">
        Overview
      </h2>
      <Card label="Requests/s" note={`${shownShort(overview.requests)} requests`}>
        {live ? lastRate(model) : shownRate(overview.requests / seconds)}
      </Card>
      <Card
        label="Failures"
        tone={overview.failures > 0 ? 'bad' : undefined}
        note={kindsText(overview)}
      >
        {overview.requests === 0 ? nothing : formatRatio(overview.failures / overview.requests)}
      </Card>
      <Card label="Users" note={live ? `at most ${overview.mostUsers}` : 'the most at once'}>
        {formatCount(live ? overview.users : overview.mostUsers)}
      </Card>
      <Card label="p50">{shownUs(latency.percentileUs(50))}</Card>
      <Card label="p95">{shownUs(latency.percentileUs(95))}</Card>
      <Card label="p99" note={latency.count > 0 ? `max ${shownUs(latency.maxUs)}` : undefined}>
        {shownUs(latency.percentileUs(99))}
      </Card>
      <Card
        label="Iterations"
        noteTone={overview.drops > 0 ? 'bad' : undefined}
        note={overview.drops > 0 ? `${formatCount(overview.drops)} dropped` : 'none dropped'}
      >
        {shownShort(overview.iterations)}
      </Card>
    </section>
  )
}

function lastRate(model: RunModel): string {
  const last = model.points.value.at(-1)
  return last ? shownRate(last.requests / last.seconds) : nothing
}

function kindsText({ kinds, failures }: Overview): string {
  const texts = [
    [kinds.client, '4xx'],
    [kinds.server, '5xx'],
    [kinds.none, 'no answer'],
    [kinds.check, 'checks'],
  ] as const
  const seen = texts.filter(([count]) => count > 0)
  if (failures === 0) return 'none failed'
  return seen.map(([count, text]) => `${formatCount(count)} ${text}`).join(' · ')
}

function Card(props: {
  readonly label: string
  readonly children: ComponentChildren
  readonly note?: string | undefined
  readonly tone?: 'bad' | undefined
  readonly noteTone?: 'bad' | undefined
}) {
  const { label, children, note, tone, noteTone } = props
  return (
    <dl class={tone ? `card figure ${tone}` : 'card figure'}>
      <dt>{label}</dt>
      <dd class="value">{children}</dd>
      {note !== undefined && <dd class={noteTone ? `note ${noteTone}` : 'note'}>{note}</dd>}
    </dl>
  )
}
