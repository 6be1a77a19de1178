import type { ComparisonPage } from '../../src/server/api.ts'
import { ComparisonTable } from './comparison-table.tsx'
import { Notes, SideCard, VerdictLine } from './comparison-parts.tsx'

/** A run and its baseline, within the report of the run. */
export function ComparedSection({ page }: { readonly page: ComparisonPage }) {
  const { base, candidate, comparison } = page
  return (
    <>
      <section class="compared" aria-labelledby="compared-title">
        <header class="section-head">
          <h2 id="compared-title">Compared with the baseline</h2>
        </header>
        <VerdictLine page={page} />
        <div class="sides two">
          <SideCard title="Base" item={base} use={comparison.base[0]} />
          <SideCard title="Candidate: this run" item={candidate} use={comparison.candidate[0]} />
        </div>
        <Notes notes={page.notes} />
      </section>
      <ComparisonTable comparison={comparison} title="Compared by name" brief />
    </>
  )
}
