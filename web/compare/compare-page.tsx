import { useEffect, useState } from 'preact/hooks'
import { messageOf } from '../../src/base/index.ts'
import { formatCount, formatSpan } from '../../src/report/index.ts'
import type { ComparisonPage, RunItem } from '../../src/server/api.ts'
import type { RunComparison, RunUse } from '../../src/statistics/index.ts'
import { readComparison, readRun, readSeconds, spanFor } from '../app/client.ts'
import { compareAddress, runAddress } from '../app/route.ts'
import { Trouble } from '../app/shell.tsx'
import { chartedPoints } from '../charts/charted-points.ts'
import { RunModel } from '../data/run-model.ts'
import { shownMoment, shownRate } from '../data/shown.ts'
import { RunBadge } from '../run/about/run-badge.tsx'
import { ComparisonTable, VerdictBadge } from './comparison-table.tsx'
import { OverlayCharts } from './overlay-charts.tsx'

interface Wanted {
  readonly base: string
  readonly candidate: string
}

/** Two runs over each other, and whether the second is worse than the first. */
export function ComparePage(wanted: Wanted) {
  const [page, setPage] = useState<ComparisonPage>()
  const [models, setModels] = useState<readonly [RunModel, RunModel]>()
  const [trouble, setTrouble] = useState<string>()
  useEffect(() => {
    const fail = (error: unknown) => setTrouble(messageOf(error))
    readComparison<ComparisonPage>(wanted.base, wanted.candidate).then(setPage, fail)
    readModels(wanted).then(setModels, fail)
  }, [wanted.base, wanted.candidate])
  if (trouble !== undefined) return <Trouble title="Comparison" text={trouble} home />
  if (!page) return <p class="empty">Comparing …</p>
  const { base, candidate, comparison } = page
  return (
    <>
      <header class="run-head">
        <div class="run-title">
          <h1>Comparison</h1>
          <div class="verdict" role="status">
            <VerdictBadge verdict={comparison.verdict} />
            <span>{page.because}</span>
            <span class="soft">{comparison.loads.words}</span>
          </div>
        </div>
        <div class="sides">
          <SideCard title="Base" item={base} use={comparison.base[0]} />
          <a
            class="button"
            href={compareAddress(candidate.id, base.id)}
            aria-label="Swap base and candidate"
            title="Swap"
          >
            <span aria-hidden="true">⇄</span>
          </a>
          <SideCard title="Candidate" item={candidate} use={comparison.candidate[0]} />
        </div>
      </header>
      <Notes notes={page.notes} />
      <Missing comparison={comparison} />
      {models ? <Overlay models={models} /> : <p class="empty">Reading both runs …</p>}
      <ComparisonTable comparison={comparison} />
    </>
  )
}

function SideCard(props: {
  readonly title: string
  readonly item: RunItem
  readonly use: RunUse | undefined
}) {
  const { title, item, use } = props
  return (
    <section class="card side" aria-label={title}>
      <h2>
        {title} <RunBadge item={item} />
      </h2>
      <a class="run-link" href={runAddress(item.id)} title={item.script}>
        {item.script}
      </a>
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
      <p class="tags">
        {Object.entries(item.tags).map(([key, value]) => (
          <span key={key} class="chip tag">
            {key}={value}
          </span>
        ))}
      </p>
    </section>
  )
}

function Notes({ notes }: { readonly notes: readonly string[] }) {
  if (notes.length === 0) return null
  return (
    <section class="notice" aria-label="Notes">
      {notes.map(note => (
        <p key={note}>{note}</p>
      ))}
    </section>
  )
}

/** Names that only one of them has cannot be compared, which a reader should know. */
function Missing({ comparison }: { readonly comparison: RunComparison }) {
  const sides = [
    ['base', comparison.onlyInBase],
    ['candidate', comparison.onlyInCandidate],
  ] as const
  const lines = sides
    .filter(([, names]) => names.length > 0)
    .map(([side, names]) => `Only in the ${side}: ${names.join(', ')}`)
  if (lines.length === 0) return null
  return (
    <section class="notice" aria-label="Names of one run only">
      {lines.map(line => (
        <p key={line}>{line}</p>
      ))}
    </section>
  )
}

function Overlay({
  models: [base, candidate],
}: {
  readonly models: readonly [RunModel, RunModel]
}) {
  const lengthOf = (model: RunModel) => model.page.value.item.durationUs
  const drawn = ({ points, page }: RunModel) => chartedPoints(points.value, page.value.item)
  const longer = lengthOf(base) >= lengthOf(candidate) ? base : candidate
  return <OverlayCharts model={longer} base={drawn(base)} candidate={drawn(candidate)} />
}

/** Both runs with points of the same length, so that they lie over each other. */
async function readModels({ base, candidate }: Wanted): Promise<readonly [RunModel, RunModel]> {
  const [first, second] = await Promise.all([readRun(base), readRun(candidate)])
  const span = Math.max(spanFor(first.item.durationUs), spanFor(second.item.durationUs))
  const read = async (page: typeof first) => {
    const model = new RunModel({ ...page, marks: [] })
    await readSeconds(page.item.id, { from: 0, span }, all => model.add(all, 'points'))
    return model
  }
  return Promise.all([read(first), read(second)])
}
