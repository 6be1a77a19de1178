import type { ExitName } from '../../base/index.ts'
import type { RunSummary } from '../run-summary.ts'

/** The part of a summary that decides how the process ends. */
export type ExitFacts = Pick<RunSummary, 'scriptErrors' | 'thresholds'> & {
  readonly run: Pick<RunSummary['run'], 'endState'>
  readonly validity: Pick<RunSummary['validity'], 'valid'>
}

/**
 * How a run that took place ends. The first that applies, from "there is no result" to "the result
 * is bad", because each makes the ones after it less trustworthy:
 *
 * 1. internal (1): the run crashed.
 * 2. aborted (105): a threshold with `abort` broke, or someone stopped it; it ended early.
 * 3. script (107): iterations threw, so the load was not the load that was written.
 * 4. invalid (97): the generator was the limit, so thresholds judged the wrong thing.
 * 5. threshold (99), else pass (0).
 */
export function decideExit({ run, scriptErrors, validity, thresholds }: ExitFacts): ExitName {
  if (run.endState === 'crashed') return 'internal'
  if (run.endState === 'aborted') return 'aborted'
  if (scriptErrors.length > 0) return 'script'
  if (!validity.valid) return 'invalid'
  return thresholds.every(threshold => threshold.ok) ? 'pass' : 'threshold'
}
