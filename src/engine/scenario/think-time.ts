import type { Random } from '../../base/index.ts'
import type { ThinkTimePlan } from '../../plan/index.ts'

/**
 * When a user's next iteration begins, µs; `nowUs` or earlier means at once.
 *
 * Pacing counts from the last intended begin, so the period does not drift with the timers. An
 * iteration that took longer than the period is followed by the next at once, and the beat counts
 * from there: missed beats are not made up for, which in the closed model would turn a slow answer
 * into a burst.
 */
export function nextBeginUs(
  plan: ThinkTimePlan,
  moment: { readonly begunAtUs: number; readonly nowUs: number; readonly random: () => Random },
): number {
  const { begunAtUs, nowUs } = moment
  switch (plan.kind) {
    case 'none':
      return nowUs
    case 'constant':
      return nowUs + plan.timeUs
    case 'between':
      return nowUs + plan.minUs + moment.random().float() * (plan.maxUs - plan.minUs)
    case 'exponential':
      return nowUs + moment.random().exponential(plan.meanUs)
    case 'pacing':
      return Math.max(nowUs, begunAtUs + plan.periodUs)
  }
}
