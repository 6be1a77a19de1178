import { Command } from 'commander'
import { exitCodes, type ExitCode } from '../base/index.ts'
import { formatFinding, guardPlan, lintScript } from '../plan/index.ts'
import { describePlan } from './checking/describe-plan.ts'
import { runOnce } from './checking/run-once.ts'
import { typeErrors } from './checking/type-check.ts'
import type { Flags } from './options/flags.ts'
import { addFlags, readFlags, type FlagName } from './options/read-flags.ts'
import { loadFlags } from './run.ts'
import { planRun } from './running/prepare-run.ts'
import type { Finish, Surroundings } from './surroundings.ts'

const flagNames = [
  ...['once', 'host', ...loadFlags, 'env', 'envFile', 'scenario', 'logLevel'],
] as const satisfies readonly FlagName[]

/** `loadstone check <script>`: everything about a script that can be known without load. */
export function checkCommand(surroundings: Surroundings, finish: Finish): Command {
  const command = new Command('check')
    .description('read a script without load: types, plan, lint findings')
    .argument('<script>', 'TypeScript or JavaScript file')
  return addFlags(command, flagNames)
    .addHelpText('after', '\nExample:\n  loadstone check checkout.ts --once')
    .action(async (script: string) => {
      const flags = readFlags(command, flagNames, surroundings.environment)
      finish(await check(script, flags, surroundings))
    })
}

async function check(script: string, flags: Flags, surroundings: Surroundings): Promise<ExitCode> {
  const { output } = surroundings
  const { red, green, yellow } = output.colors
  const prepared = await planRun({ script, flags, surroundings })
  const { plan, bundle } = prepared
  output.line(`${describePlan(plan)}\n`)
  const faults = await typeErrors(bundle.scriptPath)
  output.line(faults.length === 0 ? `${green('✓')} types` : `${red('✗')} types`)
  for (const fault of faults) output.line(`  ${fault}`)
  const findings = await lintScript(prepared)
  output.line(findings.length === 0 ? `${green('✓')} lint` : `${yellow('!')} lint`)
  for (const finding of findings) output.line(`  ${formatFinding(finding)}`)
  if (faults.length > 0) return exitCodes.usage
  if (flags.once !== true) return exitCodes.pass
  await guardPlan(plan)
  output.line('')
  return runOnce(prepared, { flags, surroundings })
}
