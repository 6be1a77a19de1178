import { useEffect, useState } from 'preact/hooks'
import { messageOf } from '../../src/base/index.ts'
import type { ComparisonPage } from '../../src/server/api.ts'
import { readComparison, readRun, readSeconds, spanFor } from '../app/client.ts'
import { compareAddress } from '../app/route.ts'
import { Trouble } from '../app/shell.tsx'
import { chartedPoints } from '../charts/charted-points.ts'
import { RunModel } from '../data/run-model.ts'
import { Notes, SideCard, VerdictLine } from './comparison-parts.tsx'
import { ComparisonTable } from './comparison-table.tsx'
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
          <VerdictLine page={page} />
        </div>
        <div class="sides">
          <SideCard title="Base" item={base} use={comparison.base[0]} linked />
          <a
            class="button"
            href={compareAddress(candidate.id, base.id)}
            aria-label="Swap base and candidate"
            title="Swap"
          >
            <span aria-hidden="true">⇄</span>
          </a>
          <SideCard title="Candidate" item={candidate} use={comparison.candidate[0]} linked />
        </div>
      </header>
      <Notes notes={page.notes} />
      {models ? <Overlay models={models} /> : <p class="empty">Reading both runs …</p>}
      <ComparisonTable comparison={comparison} title="By name" />
    </>
  )
}

function Overlay({
  models: [base, candidate],
}: {
  readonly models: readonly [RunModel, RunModel]
}) {
  const lengthOf = (model: RunModel) => model.page.value.item.durationUs
  const drawn = ({ points, page: { value } }: RunModel) => ({
    points: chartedPoints(points.value, value.item),
    state: value.item.state,
  })
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
