import { Command } from 'commander'
import { exitCodes, formatDurationUs, messageOf } from '../base/index.ts'
import { demoScript, startShop } from './demo-shop/start-shop.ts'
import { addFlags, readFlags, type FlagName } from './options/read-flags.ts'
import type { Flags } from './options/flags.ts'
import { outputFlags } from './run.ts'
import { conductRun } from './running/conduct-run.ts'
import { prepareRun } from './running/prepare-run.ts'
import { checkResultFiles } from './running/result-files.ts'
import type { Finish, Surroundings } from './surroundings.ts'

const flagNames = ['duration', 'workers', ...outputFlags] as const satisfies FlagName[]

/** `loadstone demo`: the demo shop under load, from nothing. */
export function demoCommand(surroundings: Surroundings, finish: Finish): Command {
  const command = new Command('demo').description(
    'start the demo shop, load it, show the dashboard, end with a report',
  )
  return addFlags(command, flagNames)
    .addHelpText('after', '\nExample:\n  loadstone demo --duration 20s')
    .action(async () => {
      const flags = readFlags(command, flagNames, surroundings.environment)
      finish(await demo(flags, surroundings))
    })
}

async function demo(flags: Flags, surroundings: Surroundings) {
  const { output, clock, interruption } = surroundings
  const stopping = new AbortController()
  output.line('starting the demo shop: a PostgreSQL and its services')
  const begunAtUs = clock.nowUs()
  const shop = await interruption
    .during(
      () => stopping.abort(),
      () => startShop(clock, stopping.signal),
    )
    .catch((error: unknown) => {
      if (stopping.signal.aborted) return undefined
      throw error
    })
  if (shop === undefined) return exitCodes.aborted
  const took = formatDurationUs(clock.nowUs() - begunAtUs)
  output.line(`the shop is ready at ${shop.url}: ${shop.services} services in ${took}`)
  try {
    const all: Flags = { ...usual(flags, surroundings), ...flags, host: shop.url }
    const prepared = await prepareRun({ script: demoScript, flags: all, surroundings })
    return await conductRun(prepared, { flags: all, surroundings })
  } finally {
    output.line('stopping the demo shop')
    // A second Ctrl-C here must not leave its processes behind.
    await interruption.during(
      () => {},
      () => shop.stop(),
    )
  }
}

/** What a demo does unless told otherwise; it ends with a report where one can be written. */
function usual({ html }: Flags, { output }: Surroundings): Flags {
  const flags: Flags = { duration: '30s', ui: 'auto' }
  if (html !== undefined) return flags
  const withReport: Flags = { ...flags, html: 'loadstone-demo.html' }
  try {
    checkResultFiles(withReport)
    return withReport
  } catch (error) {
    output.note(`warning: there will be no report: ${messageOf(error)}`)
    return flags
  }
}
