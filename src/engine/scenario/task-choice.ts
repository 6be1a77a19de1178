import { assert, type Random } from '../../base/index.ts'
import type { AnyUser, ScenarioPlan } from '../../plan/index.ts'

export type TaskFunction = (user: AnyUser) => unknown

/** Draws tasks by weight. A scenario with one task draws nothing. */
export class TaskChoice {
  readonly #tasks: readonly TaskFunction[]
  /** Sum of the weights up to and including each task. */
  readonly #upTo: readonly number[]
  readonly #total: number

  constructor(plan: ScenarioPlan, tasks: readonly TaskFunction[]) {
    assert(
      tasks.length === plan.tasks.length && tasks.length > 0,
      `scenario ${plan.name}: the bundle has ${tasks.length} tasks, the plan ${plan.tasks.length}`,
    )
    let sum = 0
    this.#upTo = plan.tasks.map(({ weight }) => (sum += weight))
    this.#total = sum
    this.#tasks = tasks
  }

  /** `user.random` is asked for only when there is a choice. */
  draw(user: { readonly random: Random }): TaskFunction {
    const tasks = this.#tasks
    if (tasks.length === 1) return tasks[0]!
    const point = user.random.float() * this.#total
    for (let i = 0; i < tasks.length; i++) if (point < this.#upTo[i]!) return tasks[i]!
    return tasks[tasks.length - 1]!
  }
}
