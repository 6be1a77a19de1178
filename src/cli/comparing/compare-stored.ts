import { compareRecorded, type ComparisonReport } from '../../report/index.ts'
import { runToRunIn } from './earlier-runs.ts'
import type { OpenedRun } from './find-recorded.ts'
import { recordedOf } from './recorded.ts'

/** Compares two stored runs, with how much runs of the script differ anyway. */
export async function compareStored(
  base: OpenedRun,
  candidate: OpenedRun,
): Promise<ComparisonReport> {
  const runToRun = await runToRunIn(base.store, base.run)
  const [from, to] = [
    await recordedOf(base.store, base.run),
    await recordedOf(candidate.store, candidate.run),
  ]
  return compareRecorded(from, to, runToRun)
}
