import type { ScenarioModel } from '../metrics/index.ts'
import { model } from '../schedule/index.ts'
import type { TestPlan } from './test-plan.ts'

/** The plan's scenarios and whether their starts wait for answers, in the plan's order. */
export function scenarioModels({ scenarios }: TestPlan): ScenarioModel[] {
  return scenarios.map(({ name, load }) => ({ scenario: name, model: model(load) }))
}
