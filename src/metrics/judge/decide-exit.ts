import type { ExitName } from '../../base/index.ts'
import type { RunSummary } from '../run-summary.ts'

/** The part of a summary that decides how the process ends. */
export type ExitFacts = Pick<RunSummary, 'scriptErrors' | 'thresholds' | 'baseline'> & {
  readonly run: Pick<RunSummary['run'], 'endState' | 'refusedHost'>
  readonly validity: Pick<RunSummary['validity'], 'valid'>
}

/**
 * How a run that took place ends. The first that applies, from "there is no result" to "the result
 * is bad", because each makes the ones after it less trustworthy:
 *
 * 1. internal (1): the run crashed.
 * 2. guard (110): the safety guard refused a host that the script asked for; it ended early.
 * 3. aborted (105): a threshold with `abort` broke, or someone stopped it; it ended early.
 * 4. script (107): iterations threw, so the load was not the load that was written.
 * 5. invalid (97): the generator was the limit, so thresholds judged the wrong thing.
 * 6. threshold (99).
 * 7. regression (98): worse than the baseline.
 * 8. inconclusive (96): the comparison cannot tell and was asked to be strict. Else pass (0).
 */
export function decideExit(facts: ExitFacts): ExitName {
  const { run, scriptErrors, validity, thresholds, baseline } = facts
  if (run.endState === 'crashed') return 'internal'
  if (run.refusedHost !== undefined) return 'guard'
  if (run.endState === 'aborted') return 'aborted'
  if (scriptErrors.length > 0) return 'script'
  if (!validity.valid) return 'invalid'
  if (!thresholds.every(threshold => threshold.ok)) return 'threshold'
  if (baseline?.verdict === 'regressed') return 'regression'
  return baseline?.verdict === 'inconclusive' && baseline.strict ? 'inconclusive' : 'pass'
}
