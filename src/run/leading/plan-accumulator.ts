import { RunAccumulator, type RunAccumulatorOptions } from '../../metrics/index.ts'
import { scenarioModels, type TestPlan } from '../../plan/index.ts'

/** Merges the windows of a run of this plan, as the controller and whoever follows it do. */
export function planAccumulator(
  plan: TestPlan,
  options: Pick<RunAccumulatorOptions, 'onSecond' | 'onLate' | 'timelineMaxBytes'>,
): RunAccumulator {
  return new RunAccumulator({
    workers: Array.from({ length: plan.workers }, (_, worker) => worker),
    scenarios: scenarioModels(plan),
    thresholds: plan.thresholds,
    warmUpUs: plan.warmUpUs,
    exactPacing: plan.exactPacing && plan.scenarios.some(({ load }) => load.kind === 'rate'),
    ...options,
  })
}
