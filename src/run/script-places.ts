import type { TestPlan } from '../plan/index.ts'

/** Stands for the scenario of an error that was thrown where no iteration could be blamed. */
export const outsideIterations = '(outside iterations)'

/** The scenario to name when it is not known: the only one, if there is only one. */
export function unknownScenario({ scenarios }: TestPlan): string {
  const [only] = scenarios
  return scenarios.length === 1 && only !== undefined ? only.name : outsideIterations
}
