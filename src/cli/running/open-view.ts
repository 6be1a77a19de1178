import { runModel } from '../../metrics/index.ts'
import { scenarioModels, type TestPlan } from '../../plan/index.ts'
import { totalDurationUs } from '../../schedule/index.ts'
import type { Flags } from '../options/flags.ts'
import type { Surroundings } from '../surroundings.ts'
import { linesView } from './lines-view.ts'
import { quietView, type RunView } from './run-view.ts'
import { tableView, type LiveFacts } from './table-view.ts'

export interface ViewOptions {
  readonly plan: TestPlan
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/** The view that fits where the output goes. */
export function openView({ plan, flags, surroundings }: ViewOptions): RunView {
  const { output, clock } = surroundings
  if (flags.quiet === true) return quietView(output)
  const facts = { ...factsOf(plan), hasDashboard: flags.ui !== undefined }
  return output.interactive ? tableView(facts, output, clock) : linesView(facts, output, clock)
}

function factsOf(plan: TestPlan): Omit<LiveFacts, 'hasDashboard'> {
  const loads = plan.scenarios.map(({ load }) => load)
  const byIterations = loads.some(({ kind }) => kind === 'iterations')
  return {
    script: plan.script,
    model: runModel(scenarioModels(plan)),
    durationUs: byIterations ? undefined : Math.max(0, ...loads.map(totalDurationUs)),
    usersCanChange: loads.some(({ kind }) => kind === 'users'),
  }
}
