import {
  RunAccumulator,
  runModel,
  windowsOfSecond,
  type RunFacts,
  type RunSummary,
} from '../../metrics/index.ts'
import type { StoredRun, StoredSecond } from '../stored-run.ts'

/**
 * The summary of a stored run, made again from its seconds. What was judged while it ran (limits
 * over stretches of time, validity, warnings) is taken as it was judged then. A run that was killed
 * has what it stored, and says so.
 */
export async function summaryOf(
  stored: StoredRun,
  seconds: AsyncIterable<StoredSecond>,
): Promise<RunSummary> {
  const { plan, scenarios, end } = stored
  const workers = Array.from({ length: plan.workers }, (_, worker) => worker)
  const accumulator = new RunAccumulator({
    workers,
    scenarios,
    thresholds: end ? [] : plan.thresholds,
    warmUpUs: plan.warmUpUs,
  })
  for await (const second of seconds) {
    for (const window of windowsOfSecond(second.decoded())) accumulator.add(window)
  }
  for (const worker of workers) accumulator.workerEnded(worker)
  const summary = accumulator.summary({ facts: end?.facts ?? unfinished(stored) })
  if (!end) return summary
  const { thresholds, valid, invalidReasons, warnings, scriptErrors, baseline } = end
  const validity = { ...summary.validity, valid, reasons: invalidReasons }
  const judged = { thresholds, validity, warnings, scriptErrors, ...(baseline && { baseline }) }
  return { ...summary, run: end.facts, ...judged }
}

function unfinished({
  id,
  plan,
  scenarios,
  startedAtUnixMs,
  seconds,
  ...run
}: StoredRun): RunFacts {
  return {
    id,
    script: plan.script,
    startedAtUnixMs,
    durationUs: seconds * 1_000_000,
    warmUpUs: plan.warmUpUs,
    endState: 'crashed',
    endReason:
      run.state === 'running'
        ? 'it is still running'
        : 'its process was killed; what it had stored is here',
    refusedHost: undefined,
    model: runModel(scenarios),
    workers: plan.workers,
    seed: plan.seed,
    tags: plan.tags,
    loadstoneVersion: run.environment.loadstoneVersion,
  }
}
