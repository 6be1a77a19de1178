import { UsageError } from '../../base/index.ts'
import type { LoadProfile } from '../../schedule/index.ts'
import { kindOf, tasksOf } from '../bundle/script-functions.ts'
import { headerValueFault, sessionHeaderFault } from '../header-rules.ts'
import type { Scenario, ScenarioOptions, Sources } from '../script/scenario.ts'
import type { DataRows, ScenarioPlan } from '../test-plan.ts'
import { readData } from './data-rows.ts'
import {
  readBytes,
  readChoice,
  readFields,
  readPositiveDurationUs,
  readTextTable,
} from './option-reader.ts'
import type { PlanOverrides } from './overrides.ts'
import { proxyFor } from './proxy.ts'
import { parseTarget } from './target.ts'
import { parseThinkTime } from './think-time.ts'
import { readTls } from './tls-files.ts'

type ScenarioKey = keyof ScenarioOptions<unknown, Sources>

/** Every key of ScenarioOptions; the compiler notices one that is missing here. */
const scenarioKeys: Readonly<Record<ScenarioKey, true>> = {
  target: true,
  load: true,
  thinkTime: true,
  data: true,
  headers: true,
  timeout: true,
  connections: true,
  tls: true,
  maxBody: true,
  onStart: true,
  tasks: true,
  iteration: true,
  onStop: true,
}

const defaultTimeoutUs = 30_000_000
const defaultMaxBodyBytes = 64_000_000

export interface ScenarioPlace {
  readonly scriptFolder: string
  readonly load: LoadProfile
  readonly overrides: PlanOverrides
}

/** Refuses misspelt options; called for every scenario before anything else is read. */
export function checkScenarioKeys({ name, options }: Scenario): void {
  readFields(options, `scenario "${name}"`, Object.keys(scenarioKeys))
}

/** Validates one scenario; its load is parsed already, since the command line may divide it. */
export async function scenarioPlan(
  one: Scenario,
  { scriptFolder, load, overrides }: ScenarioPlace,
): Promise<{ plan: ScenarioPlan; rows: readonly DataRows[] }> {
  const { name, options } = one
  const at = (key: ScenarioKey) => `scenario "${name}": ${key}`
  const target =
    overrides.host === undefined
      ? parseTarget(options.target, at('target'))
      : parseTarget(overrides.host, '-H/--host')
  const data = await readData(options.data, { scenario: name, scriptFolder })
  const tlsPlace = { where: at('tls'), scriptFolder, insecure: overrides.insecure ?? false }
  const connectionKinds = ['perUser', 'shared', 'perRequest'] as const
  const plan: ScenarioPlan = {
    name,
    target,
    load,
    thinkTime: parseThinkTime(options.thinkTime, at('thinkTime')),
    tasks: weightedTasks(one),
    data: data.plans,
    headers: headersOf(options.headers, at('headers')),
    timeoutUs: readPositiveDurationUs(options.timeout, at('timeout')) ?? defaultTimeoutUs,
    connections: readChoice(options.connections, at('connections'), connectionKinds) ?? 'perUser',
    tls: await readTls(options.tls, tlsPlace),
    maxBodyBytes: readBytes(options.maxBody, at('maxBody')) ?? defaultMaxBodyBytes,
    proxy: proxyFor(target, overrides.proxies),
  }
  return { plan, rows: data.rows }
}

function headersOf(value: unknown, where: string): ScenarioPlan['headers'] {
  const headers = readTextTable(value, where) ?? {}
  for (const [name, text] of Object.entries(headers)) {
    const fault = sessionHeaderFault(name) ?? headerValueFault(name, text)
    if (fault !== undefined) throw new UsageError('HEADER', `${where}: ${fault}`)
  }
  return headers
}

function weightedTasks(one: Scenario): ScenarioPlan['tasks'] {
  return tasksOf(one).map(({ name, weight }) => {
    if (typeof weight === 'number' && Number.isFinite(weight) && weight > 0) return { name, weight }
    throw new UsageError(
      'TASK_WEIGHT',
      `scenario "${one.name}": tasks.${name}: weight is ${kindOf(weight)}; it must be above 0 ` +
        `(leave the task out to switch it off)`,
    )
  })
}
