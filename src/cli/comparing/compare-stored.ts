import { UsageError } from '../../base/index.ts'
import { compareRecorded, type ComparisonReport } from '../../report/index.ts'
import { runToRunIn } from './earlier-runs.ts'
import type { OpenedRun } from './find-recorded.ts'
import { recordedOf } from './recorded.ts'

/**
 * Compares two stored runs, with how much runs of the script differ anyway. One and the same run
 * twice is a UsageError.
 */
export async function compareStored(
  base: OpenedRun,
  candidate: OpenedRun,
): Promise<ComparisonReport> {
  if (base.run.id === candidate.run.id) throw sameRun(base.run.id)
  const runToRun = await runToRunIn(base.store, base.run)
  const [from, to] = [
    await recordedOf(base.store, base.run),
    await recordedOf(candidate.store, candidate.run),
  ]
  return compareRecorded(from, to, runToRun)
}

function sameRun(id: string): UsageError {
  return new UsageError(
    'COMPARE_SAME',
    `both sides are the run ${id}, which has nothing to say about itself: name another base ` +
      '(loadstone runs lists all)',
  )
}
