import { clockFromNow, messageOf, UsageError, type Clock } from '../../base/index.ts'
import type { ScriptModule } from '../script-module.ts'
import type { PlanOptions } from '../script/scenario.ts'
import type { ScriptBundle } from '../test-plan.ts'
import { describeThrown } from './describe-error.ts'
import { displayPath } from './display-path.ts'
import { functionsOf, optionsOf } from './script-functions.ts'
import { bundleUrl, positionsIn } from './source-position.ts'

/** A script after its top level ran: its functions, and its options as it wrote them. */
export interface LoadedScript extends ScriptModule {
  /** Absolute. */
  readonly scriptPath: string
  /** Unchecked; makePlan turns them into a TestPlan. A single scenario is a plan of one. */
  readonly options: PlanOptions
}

const loadLimitUs = 60_000_000

/**
 * Runs a bundle's top level and takes its functions, in the CLI and again in every worker. A script
 * that throws at load, does not finish loading in 60 s, or exports the wrong thing is a UsageError.
 */
export async function loadScript(
  bundle: ScriptBundle,
  clock: Clock = clockFromNow(),
): Promise<LoadedScript> {
  const positionsOf = positionsIn(bundle)
  const describeError = (thrown: unknown) => describeThrown(thrown, positionsOf)
  const shown = displayPath(bundle.scriptPath)
  const loading = import(bundleUrl(bundle)) as Promise<object>
  const exported = await withinLimit(loading, clock, shown).catch((error: unknown) => {
    if (error instanceof UsageError) throw error
    throw new UsageError('SCRIPT_THREW', `${shown} could not be loaded: ${describeError(error)}`, {
      cause: error,
    })
  })
  const options = optionsOf(exported, shown)
  return {
    scriptPath: bundle.scriptPath,
    options,
    scenarios: functionsOf(options),
    setup: hook(options.setup, 'setup'),
    teardown: hook(options.teardown, 'teardown'),
    describeError,
  }
}

async function withinLimit(loading: Promise<object>, clock: Clock, shown: string): Promise<object> {
  let cancel = () => {}
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(loadLimitUs, () => {
      const what = `${shown} did not finish loading in 60 s; is an await at its top level stuck?`
      reject(new UsageError('SCRIPT_STUCK', what))
    })
  })
  return Promise.race([loading, late]).finally(cancel)
}

function hook<F>(value: F | undefined, name: string): F | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw new UsageError('FUNCTION', `plan: ${name} must be a function, got ${messageOf(value)}`)
}
