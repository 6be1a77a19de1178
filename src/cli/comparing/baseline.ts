import { UsageError } from '../../base/index.ts'
import type { MergedSecond, RunSecond, RunSummary } from '../../metrics/index.ts'
import { compareRecorded, type ComparisonReport } from '../../report/index.ts'
import type { RunEnvironment, StoredRun } from '../../store/index.ts'
import type { Flags } from '../options/flags.ts'
import { runEnvironment } from '../storing/run-environment.ts'
import { runToRunIn } from './earlier-runs.ts'
import { openReferred, readReference } from './find-recorded.ts'
import { recordedNow, recordedOf, slimSecond } from './recorded.ts'

/** The run that a run is to be compared with, found before any load is made. */
export interface Baseline {
  readonly run: StoredRun
  /** Takes the run's seconds as they come. */
  second(second: MergedSecond): void
  /** What came of it, once the run has ended; the summary says so, too. */
  compare(summary: RunSummary): { readonly summary: RunSummary; readonly report: ComparisonReport }
}

/**
 * Of `--baseline`; undefined without it. A run that cannot be found is a UsageError, except that a
 * store may have no run of the script yet: then nothing is compared, unless that is to fail.
 */
export async function openBaseline(
  flags: Flags,
  script: string,
  note: (text: string) => void,
): Promise<Baseline | undefined> {
  try {
    return await found(flags, script)
  } catch (error) {
    const isFirst = error instanceof UsageError && error.code === 'BASELINE_MISSING'
    if (!isFirst || flags.strict === true) throw error
    note(`warning: nothing is compared: ${error.message}`)
    return undefined
  }
}

async function found(flags: Flags, script: string): Promise<Baseline | undefined> {
  if (flags.baseline === undefined) return undefined
  const reference = readReference(flags.baseline, '--baseline')
  const { store: usual } = flags
  const [{ store, run }, environment] = await Promise.all([
    openReferred(reference, { script, store: usual }),
    runEnvironment(),
  ])
  try {
    const base = await recordedOf(store, run)
    const runToRun = await runToRunIn(store, run)
    return comparing({ run, base, runToRun, environment, strict: flags.strict ?? false })
  } finally {
    await store.close()
  }
}

interface Comparing {
  readonly run: StoredRun
  readonly base: Parameters<typeof compareRecorded>[0]
  readonly runToRun: NonNullable<Parameters<typeof compareRecorded>[2]>
  readonly environment: RunEnvironment
  readonly strict: boolean
}

function comparing({ run, base, runToRun, environment, strict }: Comparing): Baseline {
  const seconds: RunSecond[] = []
  return {
    run,
    second: ({ windows, second }) => {
      if (windows.length > 0) seconds.push(slimSecond(second))
    },
    compare: summary => {
      const invalidReasons = summary.validity.valid ? [] : [...summary.validity.reasons]
      const candidate = recordedNow({ facts: summary.run, invalidReasons }, environment, seconds)
      const report = compareRecorded(base, candidate, runToRun)
      return { report, summary: judgedBy(report, summary, strict) }
    },
  }
}

/** The summary says what came of a comparison; `strict` is the wish that "cannot tell" fails. */
export function judgedBy(
  { base, verdict, because }: ComparisonReport,
  summary: RunSummary,
  strict: boolean,
): RunSummary {
  return { ...summary, baseline: { runId: base.id, verdict, because, strict } }
}
