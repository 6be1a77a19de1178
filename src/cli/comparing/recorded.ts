import { Histogram, runModel, type RunFacts, type RunSecond } from '../../metrics/index.ts'
import type { RecordedRun } from '../../report/index.ts'
import type { RunEnvironment, RunStore, StoredRun } from '../../store/index.ts'

const nothing = new Histogram().encode()

/** A second without what a comparison does not look at: half the memory. */
export function slimSecond(second: RunSecond): RunSecond {
  return {
    ...second,
    ...{ checks: [], generators: [], kept: [], foldedNames: [] },
    series: second.series.map(one => ({
      ...one,
      ...{ serviceTime: nothing, statuses: {}, failures: [] },
    })),
  }
}

/** A stored run with all its seconds. */
export async function recordedOf(store: RunStore, run: StoredRun): Promise<RecordedRun> {
  const { plan, environment, end, scenarios } = run
  const reasons = end?.invalidReasons ?? []
  return {
    id: run.id,
    script: plan.script,
    startedAtUnixMs: run.startedAtUnixMs,
    durationUs: end?.facts.durationUs ?? run.seconds * 1_000_000,
    warmUpUs: plan.warmUpUs,
    model: runModel(scenarios),
    endState: run.state,
    invalidReasons:
      end?.valid === false && reasons.length === 0 ? ['No reason is known.'] : reasons,
    tags: plan.tags,
    ...placeFacts(environment),
    seconds: (await store.seconds(run.id)).map(slimSecond),
  }
}

/** A run that has just ended in this process. */
export function recordedNow(
  { facts, invalidReasons }: { readonly facts: RunFacts; readonly invalidReasons: string[] },
  environment: RunEnvironment,
  seconds: readonly RunSecond[],
): RecordedRun {
  const { id, script, startedAtUnixMs, durationUs, warmUpUs, model, endState, tags } = facts
  return {
    ...{ id, script, startedAtUnixMs, durationUs, warmUpUs, model, endState, tags },
    ...{ ...placeFacts(environment), invalidReasons, seconds },
  }
}

function placeFacts({ loadstoneVersion, host, git }: RunEnvironment) {
  return { loadstoneVersion, host, commit: git?.commit }
}
