import type { TestPlan } from '../../test-plan.ts'
import type { Remark } from '../finding.ts'
import type { ScriptFacts } from '../script-facts.ts'

/**
 * Closed-model users without a pause ask again as soon as they are answered: 20 of them can be a
 * thousand people. An open load is paced by its rate, a fixed number of iterations by intent.
 */
export function noThinkTime({ calls }: ScriptFacts, plan: TestPlan): Remark[] {
  if (calls.some(({ name }) => name === 'think')) return []
  return plan.scenarios
    .filter(({ load, thinkTime }) => load.kind === 'users' && thinkTime.kind === 'none')
    .map(({ name }) => ({
      severity: 'warning',
      message:
        `the users of scenario "${name}" never pause, so each is as busy as many people; ` +
        `add thinkTime: between('1s', '3s'), or load by rate`,
      node: undefined,
    }))
}
