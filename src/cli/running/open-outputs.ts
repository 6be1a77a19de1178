import { loadstoneVersion } from '../../base/index.ts'
import { runModel } from '../../metrics/index.ts'
import { otlpSettings, RunOutputs } from '../../outputs/index.ts'
import { scenarioModels, type TestPlan } from '../../plan/index.ts'
import type { Flags } from '../options/flags.ts'
import type { Surroundings } from '../surroundings.ts'

export interface OutputsOptions {
  readonly runId: string
  readonly plan: TestPlan
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/** Everything that `--out` names, ready to be told what the run measures. */
export function openOutputs({ runId, plan, flags, surroundings }: OutputsOptions): RunOutputs {
  const { clock, environment } = surroundings
  const { script, tags, workers, thresholds, warmUpUs, scenarios } = plan
  const model = runModel(scenarioModels(plan))
  return new RunOutputs(flags.out ?? [], {
    run: { id: runId, script, tags, loadstoneVersion, model },
    ...{ workers, thresholds, warmUpUs, clock },
    targets: new Map(scenarios.map(({ name, target }) => [name, target.origin])),
    otlp: otlpSettings(environment),
  })
}
