import { Command } from 'commander'
import { exitCodes, type ExitCode } from '../base/index.ts'
import type { Flags } from './options/flags.ts'
import { addFlags, readFlags, type FlagName } from './options/read-flags.ts'
import type { Finish, Surroundings } from './surroundings.ts'

const flagNames = [
  ...['uiPort', 'uiHost', 'uiToken', 'store', 'env', 'envFile', 'allowHost', 'logLevel'],
] as const satisfies FlagName[]

/** `loadstone ui`: the dashboard over stored runs. */
export function uiCommand(surroundings: Surroundings, finish: Finish): Command {
  const command = new Command('ui').description(
    'dashboard over stored runs; starts, steers and stops runs of the scripts in this folder',
  )
  return addFlags(command, flagNames)
    .addHelpText('after', '\nExample:\n  loadstone ui --ui-port 9000')
    .action(async () => {
      const flags = readFlags(command, flagNames, surroundings.environment)
      finish(await ui(flags, surroundings))
    })
}

/** Until someone ends it; a run that is under way is stopped first, at once when asked twice. */
async function ui(flags: Flags, surroundings: Surroundings): Promise<ExitCode> {
  const { PageRuns } = await import('./dashboard/page-runs.ts')
  const { serveDashboard } = await import('./dashboard/serve-dashboard.ts')
  const runs = new PageRuns(flags, surroundings)
  const dashboard = await serveDashboard({
    ...{ flags, surroundings, port: flags.uiPort ?? 'auto' },
    starter: shows => runs.starter(shows),
  })
  surroundings.output.note('Ctrl-C ends it')
  const asked = Promise.withResolvers<void>()
  const end = (times: number) => {
    asked.resolve()
    runs.stop(times === 1 ? 'graceful' : 'now')
  }
  await surroundings.interruption.during(end, async () => {
    await asked.promise
    await runs.over
    await dashboard.close()
  })
  return exitCodes.pass
}
