import { UsageError } from '../../base/index.ts'
import type { AnyUser, ScenarioFunctions } from '../script-module.ts'
import type { Plan, PlanOptions, Scenario } from '../script/scenario.ts'

type ScriptFunction = (user: AnyUser) => unknown

/** One task of a scenario as the script wrote it; the weight is checked when the plan is made. */
export interface WrittenTask {
  readonly name: string
  readonly weight: unknown
  readonly run: ScriptFunction
}

/** The options of what a script exports by default: a plan, or one scenario alone. */
export function optionsOf(exported: object, shown: string): PlanOptions {
  if (!('default' in exported)) throw noDefault(Object.keys(exported), shown)
  const value = exported.default as Partial<Plan | Scenario> | null | undefined
  if (value?.kind === 'loadstone.scenario') return { scenarios: [value as Scenario] }
  if (value?.kind === 'loadstone.plan') return planOptionsOf(value.options, shown)
  throw new UsageError(
    'SCRIPT_EXPORT',
    `${shown}: the default export is ${kindOf(value)}, not a scenario; ` +
      `write: export default scenario('name', { ... })`,
  )
}

function noDefault(others: readonly string[], shown: string): UsageError {
  const seen = others.length === 0 ? 'exports nothing' : `exports only ${others.join(', ')}`
  return new UsageError(
    'SCRIPT_EXPORT',
    `${shown} ${seen}; it needs a default export: export default scenario('name', { ... })`,
  )
}

function planOptionsOf(options: unknown, shown: string): PlanOptions {
  if (!isRecord(options)) {
    throw new UsageError(
      'PLAN_OPTIONS',
      `${shown}: plan() was given ${kindOf(options)}; give it an object`,
    )
  }
  const { scenarios } = options
  if (!Array.isArray(scenarios) || scenarios.length === 0) {
    throw new UsageError(
      'PLAN_EMPTY',
      `${shown}: the plan has no scenarios; write: plan({ scenarios: [one, two] })`,
    )
  }
  scenarios.forEach((one: unknown, index) => {
    if (isRecord(one) && one['kind'] === 'loadstone.scenario') return
    throw new UsageError(
      'PLAN_SCENARIO',
      `${shown}: plan: scenarios[${index}] is ${kindOf(one)}; ` +
        `make it with scenario('name', { ... })`,
    )
  })
  return options as unknown as PlanOptions
}

/** Functions of every scenario by name. Wrong shapes and duplicate names are UsageErrors. */
export function functionsOf(options: PlanOptions): Map<string, ScenarioFunctions> {
  const found = new Map<string, ScenarioFunctions>()
  for (const one of options.scenarios) {
    refuseBadName(one.name, found)
    const tasks = tasksOf(one).map(task => task.run)
    const { onStart, onStop } = one.options
    found.set(one.name, {
      onStart: functionOrNone(onStart, `scenario "${one.name}": onStart`),
      tasks,
      onStop: functionOrNone(onStop, `scenario "${one.name}": onStop`),
    })
  }
  return found
}

function refuseBadName(name: unknown, found: ReadonlyMap<string, unknown>): void {
  if (typeof name !== 'string' || name.trim() === '') {
    throw new UsageError(
      'SCENARIO_NAME',
      `scenario(${JSON.stringify(name)}, ...): a scenario needs a name, ` +
        `e.g. scenario('shopper', { ... })`,
    )
  }
  if (found.has(name)) {
    throw new UsageError(
      'SCENARIO_TWICE',
      `two scenarios are named "${name}"; the report tells them apart by name, so rename one`,
    )
  }
}

/** Tasks in the order of the script; a script with `iteration` has one task of that name. */
export function tasksOf({ name, options }: Scenario): readonly WrittenTask[] {
  const where = `scenario "${name}"`
  if (!isRecord(options)) {
    throw new UsageError(
      'SCENARIO_OPTIONS',
      `${where}: its options are ${kindOf(options)}; give it an object`,
    )
  }
  const { tasks, iteration } = options
  if (tasks !== undefined && iteration !== undefined) {
    throw new UsageError(
      'TASKS_AND_ITERATION',
      `${where} has both tasks and iteration; keep one of them`,
    )
  }
  const run = functionOrNone(iteration, `${where}: iteration`)
  if (run !== undefined) return [{ name: 'iteration', weight: 1, run }]
  if (!isRecord(tasks) || Object.keys(tasks).length === 0) {
    const seen = tasks === undefined ? 'neither tasks nor iteration' : 'no task in tasks'
    throw new UsageError(
      'TASKS_EMPTY',
      `${where} has ${seen}, so its users have nothing to do; ` +
        `write: iteration: async user => { ... }`,
    )
  }
  return Object.entries(tasks).map(([task, written]) => writtenTask(task, written, where))
}

function writtenTask(name: string, written: unknown, where: string): WrittenTask {
  const at = `${where}: tasks.${name}`
  if (typeof written === 'function') return { name, weight: 1, run: written as ScriptFunction }
  if (isRecord(written) && typeof written['run'] === 'function') {
    const stray = Object.keys(written).find(key => key !== 'weight' && key !== 'run')
    if (stray !== undefined) {
      throw new UsageError(
        'OPTION_UNKNOWN',
        `${at}: there is no option "${stray}"; known: weight, run`,
      )
    }
    return { name, weight: written['weight'] ?? 1, run: written['run'] as ScriptFunction }
  }
  throw new UsageError(
    'TASK',
    `${at} is ${kindOf(written)}; write a function, or { weight: 2, run: async user => { ... } }`,
  )
}

function functionOrNone(value: unknown, where: string): ScriptFunction | undefined {
  if (value === undefined || typeof value === 'function') return value as ScriptFunction | undefined
  throw new UsageError('FUNCTION', `${where} is ${kindOf(value)}; it must be a function`)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a value is, in words for a message: 'undefined', 'a function', 'the text "x"'. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'number') return `the number ${value}`
  return `a ${typeof value}`
}
