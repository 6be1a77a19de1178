import { dirname } from 'node:path'
import { formatDurationUs, nearest, UsageError } from '../../base/index.ts'
import { parseThreshold } from '../../metrics/index.ts'
import { totalDurationUs } from '../../schedule/index.ts'
import { displayPath } from '../bundle/display-path.ts'
import type { LoadedScript } from '../bundle/load-script.ts'
import { functionsOf } from '../bundle/script-functions.ts'
import { loadProfileOf } from '../load/load-profile-of.ts'
import { overrideLoads } from '../load/override-load.ts'
import { defaultLoad, parseLoad, positiveRate } from '../load/parsed-load.ts'
import type { PlanOptions, Scenario } from '../script/scenario.ts'
import type { DataRows, PlanLimits, ScenarioPlan, TestPlan } from '../test-plan.ts'
import {
  readCount,
  readDurationUs,
  readFields,
  readRatio,
  readTexts,
  readTextTable,
} from './option-reader.ts'
import type { PlanOverrides } from './overrides.ts'
import { checkScenarioKeys, scenarioPlan } from './scenario-plan.ts'

/** A plan and what goes with it but not to every worker. */
export interface MadePlan {
  readonly plan: TestPlan
  /** All rows of all data sources; each worker gets its share of them. */
  readonly data: readonly DataRows[]
  /** What was changed so that the plan can run, in words; empty when nothing was. */
  readonly warnings: readonly string[]
}

/** Every key of PlanOptions; the compiler notices one that is missing here. */
const planKeys: Readonly<Record<keyof PlanOptions, true>> = {
  scenarios: true,
  thresholds: true,
  warmUp: true,
  allowedHosts: true,
  env: true,
  tags: true,
  seed: true,
  workers: true,
  stopTimeout: true,
  tracing: true,
  limits: true,
  setup: true,
  teardown: true,
}

const defaultStopTimeoutUs = 30_000_000
const defaultLimits: PlanLimits = { maxUsers: 50_000, maxStartsPerSecond: 200_000 }
const maxSeed = 0xffff_ffff

/**
 * Parses and validates everything a script and the command line say, once: later code trusts the
 * plan. Reads the data and TLS files. Every mistake is a UsageError that names its place. Without a
 * load, a scenario runs one iteration with one user; without a target it is refused.
 */
export async function makePlan(
  script: Pick<LoadedScript, 'options' | 'scriptPath'>,
  overrides: PlanOverrides,
): Promise<MadePlan> {
  const { options } = script
  readFields(options, 'plan', Object.keys(planKeys))
  functionsOf(options)
  options.scenarios.forEach(checkScenarioKeys)
  const kept = keptScenarios(options.scenarios, overrides.scenarios ?? [])
  const made = await scenarioPlans(kept, script.scriptPath, overrides)
  const plan = { ...wholePlan(script, overrides), scenarios: made.map(one => one.plan) }
  const { warmUpUs, warnings } = usableWarmUp(plan, overrides)
  return {
    plan: { ...plan, warmUpUs },
    warnings,
    data: made.flatMap(one => one.rows),
  }
}

function keptScenarios(all: readonly Scenario[], names: readonly string[]): readonly Scenario[] {
  const known = all.map(one => one.name)
  const unknown = names.find(name => !known.includes(name))
  if (unknown !== undefined) {
    const near = nearest(unknown, known)
    const hint = near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`
    throw new UsageError(
      'SCENARIO_UNKNOWN',
      `--scenario: there is no scenario "${unknown}"; ${hint}`,
    )
  }
  return names.length === 0 ? all : all.filter(one => names.includes(one.name))
}

async function scenarioPlans(
  scenarios: readonly Scenario[],
  scriptPath: string,
  overrides: PlanOverrides,
): Promise<{ plan: ScenarioPlan; rows: readonly DataRows[] }[]> {
  const written = scenarios.map(({ name, options: { load } }) => ({
    name,
    load: load === undefined ? undefined : parseLoad(load, `scenario "${name}": load`),
  }))
  const loads = overrideLoads(written, overrides)
  const made = []
  // One after the other, so that of several mistakes always the same one is named.
  for (const [index, one] of scenarios.entries()) {
    const load = loadProfileOf(loads[index] ?? defaultLoad)
    made.push(await scenarioPlan(one, { scriptFolder: dirname(scriptPath), load, overrides }))
  }
  return made
}

function wholePlan(
  { options, scriptPath }: Pick<LoadedScript, 'options' | 'scriptPath'>,
  overrides: PlanOverrides,
): Omit<TestPlan, 'scenarios'> {
  const workers = overrides.workers ?? options.workers
  const thresholds = readTexts(options.thresholds, 'plan: thresholds') ?? []
  return {
    schema: 'loadstone.plan/1',
    script: displayPath(scriptPath),
    thresholds: [
      ...thresholds.map((text, index) => parseThreshold(text, `plan: thresholds[${index}]`)),
      ...(overrides.thresholds ?? []).map(text => parseThreshold(text, '--threshold')),
    ],
    warmUpUs: overridden(overrides.warmUp, '--warm-up', options.warmUp, 'warmUp') ?? 0,
    stopTimeoutUs:
      overridden(overrides.stopTimeout, '--stop-timeout', options.stopTimeout, 'stopTimeout') ??
      defaultStopTimeoutUs,
    seed: seedOf(options, overrides),
    workers:
      readCount(workers, overrides.workers === undefined ? 'plan: workers' : '-w/--workers', 1) ??
      1,
    env: { ...readTextTable(options.env, 'plan: env'), ...overrides.env },
    tags: { ...readTextTable(options.tags, 'plan: tags'), ...overrides.tags },
    allowedHosts: [
      ...(readTexts(options.allowedHosts, 'plan: allowedHosts') ?? []),
      ...(overrides.allowHosts ?? []),
    ],
    limits: limitsOf(options.limits),
    tracingSampledRatio: sampledRatio(options.tracing),
    exactPacing: overrides.exactPacing ?? false,
    hasSetup: options.setup !== undefined,
    hasTeardown: options.teardown !== undefined,
  }
}

/**
 * A warm-up that is not shorter than the run would leave out everything. Where the command line
 * only made the run shorter, nothing is left out, with a warning; otherwise it is a mistake. A
 * fixed number of iterations has no length to compare.
 */
function usableWarmUp(
  { warmUpUs, scenarios }: TestPlan,
  overrides: PlanOverrides,
): { warmUpUs: number; warnings: readonly string[] } {
  const lengths = scenarios
    .filter(one => one.load.kind !== 'iterations')
    .map(one => totalDurationUs(one.load))
  const longestUs = Math.max(0, ...lengths)
  if (warmUpUs === 0 || longestUs === 0 || warmUpUs < longestUs) return { warmUpUs, warnings: [] }
  const seen =
    `the warm-up (${formatDurationUs(warmUpUs)}) is not shorter than the run ` +
    `(${formatDurationUs(longestUs)})`
  const isShortened = overrides.duration !== undefined || (overrides.stages ?? []).length > 0
  if (isShortened && overrides.warmUp === undefined) {
    return { warmUpUs: 0, warnings: [`${seen}, so the figures count from the start`] }
  }
  throw new UsageError(
    'WARM_UP',
    `${seen}, so nothing would be measured; shorten the warm-up or run longer`,
  )
}

/** µs of the flag's text, else of the script's. */
function overridden(
  flagText: string | undefined,
  flag: string,
  scriptText: unknown,
  key: string,
): number | undefined {
  return flagText === undefined
    ? readDurationUs(scriptText, `plan: ${key}`)
    : readDurationUs(flagText, flag)
}

function seedOf(options: PlanOptions, overrides: PlanOverrides): number {
  const where = overrides.seed === undefined ? 'plan: seed' : '--seed'
  const seed = readCount(overrides.seed ?? options.seed, where, 0) ?? overrides.randomSeed
  if (seed <= maxSeed) return seed
  throw new UsageError('SEED', `${where} is ${seed}; the largest is ${maxSeed}`)
}

function sampledRatio(tracing: unknown): number {
  if (tracing === undefined) return 1
  const fields = readFields(tracing, 'plan: tracing', ['sampled'])
  return readRatio(fields['sampled'], 'plan: tracing.sampled') ?? 1
}

function limitsOf(limits: unknown): PlanLimits {
  if (limits === undefined) return defaultLimits
  const fields = readFields(limits, 'plan: limits', ['maxUsers', 'maxRate'])
  const rate = fields['maxRate']
  return {
    maxUsers: readCount(fields['maxUsers'], 'plan: limits.maxUsers', 1) ?? defaultLimits.maxUsers,
    maxStartsPerSecond:
      rate === undefined
        ? defaultLimits.maxStartsPerSecond
        : positiveRate(rate, 'plan: limits.maxRate'),
  }
}
