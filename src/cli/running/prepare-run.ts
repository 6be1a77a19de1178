import {
  bundleScript,
  guardPlan,
  loadScript,
  makePlan,
  type LoadedScript,
  type MadePlan,
  type ScriptBundle,
} from '../../plan/index.ts'
import type { Flags } from '../options/flags.ts'
import { overridesOf } from '../options/overrides.ts'
import { unknownVariables } from '../options/read-flags.ts'
import type { Surroundings } from '../surroundings.ts'

/** A script that is ready to run: read, planned and allowed. */
export interface PreparedRun extends MadePlan {
  readonly bundle: ScriptBundle
  readonly script: LoadedScript
}

export interface PrepareOptions {
  /** Path of a file, or a bundle that was made in memory. */
  readonly script: string | ScriptBundle
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/**
 * Reads a script and plans its run, without load. What is wrong is a UsageError; a target that must
 * not be loaded is one with exit code 110.
 */
export async function prepareRun(options: PrepareOptions): Promise<PreparedRun> {
  const prepared = await planRun(options)
  await guardPlan(prepared.plan)
  return prepared
}

/** The same without asking whether the target may be loaded. */
export async function planRun(options: PrepareOptions): Promise<PreparedRun> {
  const { flags, surroundings } = options
  const { environment, output } = surroundings
  for (const name of unknownVariables(environment)) {
    output.note(`warning: the environment variable ${name} is no option; it has no effect`)
  }
  const bundle =
    typeof options.script === 'string' ? await bundleScript(options.script) : options.script
  const script = await loadScript(bundle)
  surroundings.scriptLoaded(thrown => script.describeError(thrown))
  return { ...(await makePlan(script, overridesOf(flags, environment))), bundle, script }
}
