import { Command } from 'commander'
import { addFlags, readFlags, type FlagName } from './options/read-flags.ts'
import { conductRun } from './running/conduct-run.ts'
import { prepareRun } from './running/prepare-run.ts'
import type { Finish, Surroundings } from './surroundings.ts'

/** What a run can be told, whatever it runs. */
export const loadFlags = [
  ...['users', 'spawnRate', 'duration', 'rate', 'iterations', 'stage', 'workers'],
  ...['seed', 'insecure', 'stopTimeout', 'warmUp', 'exact', 'allowHost', 'tag'],
] as const satisfies readonly FlagName[]

/** Where its results go, and what it prints. */
export const outputFlags = [
  ...['json', 'html', 'csv', 'junit', 'markdown', 'hdr', 'out', 'baseline', 'strict'],
  ...['store', 'noStore', 'quiet', 'logLevel'],
  ...['ui', 'uiHost', 'uiToken'],
] as const satisfies readonly FlagName[]

const flagNames = [
  ...['host', ...loadFlags, 'env', 'envFile', 'scenario', ...outputFlags],
] as const satisfies readonly FlagName[]

/** `loadstone run <script>`. */
export function runCommand(surroundings: Surroundings, finish: Finish): Command {
  const command = new Command('run')
    .description('run a script: live table in a terminal, plain lines in CI')
    .argument('<script>', 'TypeScript or JavaScript file')
  return addFlags(command, flagNames)
    .addHelpText('after', '\nExample:\n  loadstone run checkout.ts -u 50 -d 2m --json result.json')
    .action(async (script: string) => {
      const flags = readFlags(command, flagNames, surroundings.environment)
      const prepared = await prepareRun({ script, flags, surroundings })
      finish(await conductRun(prepared, { flags, surroundings }))
    })
}
