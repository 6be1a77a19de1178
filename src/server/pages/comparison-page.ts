import { loadsOf, type ComparisonReport } from '../../report/index.ts'
import type { ComparisonPage, RunItem } from '../api.ts'

/** A comparison for a page, the dashboard's or a report's. */
export function comparisonPageOf(
  { comparison, verdict, because, notes, runToRun }: ComparisonReport,
  sides: { readonly base: RunItem; readonly candidate: RunItem },
): ComparisonPage {
  return {
    ...sides,
    // Of a run that is not valid the report says less than its figures would.
    comparison: { ...comparison, verdict, loads: loadsOf(comparison) },
    because,
    notes: [...notes, runToRun.words],
  }
}
