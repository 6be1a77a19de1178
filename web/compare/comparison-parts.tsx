import { formatCount, formatSpan } from '../../src/report/index.ts'
import type { ComparisonPage, RunItem } from '../../src/server/api.ts'
import type { RunUse } from '../../src/statistics/index.ts'
import { runAddress } from '../app/route.ts'
import { shownMoment, shownRate } from '../data/shown.ts'
import { RunBadge } from '../run/about/run-badge.tsx'
import { VerdictBadge } from './comparison-table.tsx'

/** The verdict, why it is that, and whether the loads were the same. */
export function VerdictLine({ page }: { readonly page: ComparisonPage }) {
  const { comparison, because } = page
  return (
    <div class="verdict" role="status">
      <VerdictBadge verdict={comparison.verdict} />
      <span>{because}</span>
      {comparison.loads.words !== because && <span class="soft">{comparison.loads.words}</span>}
    </div>
  )
}

/** Who one of the two runs is, and what of it was used. */
export function SideCard(props: {
  readonly title: string
  readonly item: RunItem
  readonly use: RunUse | undefined
  /** Its script leads to the run, where there is a page of it. @default false */
  readonly linked?: boolean
}) {
  const { title, item, use, linked = false } = props
  const tags = Object.entries(item.tags)
  return (
    <section class="card side" aria-label={title}>
      <h2>
        {title} <RunBadge item={item} />
      </h2>
      {linked ? (
        <a class="run-link" href={runAddress(item.id)} title={item.script}>
          {item.script}
        </a>
      ) : (
        <span class="run-link" title={item.script}>
          {item.script}
        </span>
      )}
      <p class="soft">
        {shownMoment(item.startedAtUnixMs)} · {formatSpan(item.durationUs)} ·{' '}
        {formatCount(item.requests)} requests
      </p>
      {use && (
        <p class="soft">
          {use.steadySeconds} s steady at {shownRate(use.requestsPerSecond)}, {use.warmUpSeconds} s
          of warm-up left out
        </p>
      )}
      {tags.length > 0 && (
        <p class="tags">
          {tags.map(([key, value]) => (
            <span key={key} class="chip tag">
              {key}={value}
            </span>
          ))}
        </p>
      )}
    </section>
  )
}

/** What a reader should know beside the verdict. */
export function Notes({ notes }: { readonly notes: readonly string[] }) {
  if (notes.length === 0) return null
  return (
    <section class="notice" aria-label="Notes">
      {notes.map(note => (
        <p key={note}>{note}</p>
      ))}
    </section>
  )
}
