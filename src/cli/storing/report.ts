import { Command } from 'commander'
import { exitCodes, type ExitCode } from '../../base/index.ts'
import type { RunSummary } from '../../metrics/index.ts'
import { summaryText } from '../../report/index.ts'
import type { RunStore, StoredRun } from '../../store/index.ts'
import type { Flags } from '../options/flags.ts'
import { addFlags, readFlags, type FlagName } from '../options/read-flags.ts'
import { checkResultFiles, writeResultFiles } from '../running/result-files.ts'
import type { Finish, Surroundings } from '../surroundings.ts'
import { openToRead } from './store-place.ts'

const fileFlags = ['json', 'html', 'csv', 'junit', 'markdown', 'hdr'] as const satisfies FlagName[]
const flagNames = ['store', ...fileFlags] as const satisfies FlagName[]

/** `loadstone report <run>`: the results of a stored run again, in any format. */
export function reportCommand(surroundings: Surroundings, finish: Finish): Command {
  const command = new Command('report')
    .description('show the results of a stored run again, or write them to files')
    .argument('<run>', "the run's id, a beginning of it that only one has, or 'last'")
  return addFlags(command, flagNames)
    .addHelpText('after', '\nExample:\n  loadstone report last --html report.html')
    .action(async (which: string) => {
      const flags = readFlags(command, flagNames, surroundings.environment)
      finish(await report(which, flags, surroundings))
    })
}

async function report(which: string, flags: Flags, { output }: Surroundings): Promise<ExitCode> {
  checkResultFiles(flags)
  const store = await openToRead(flags)
  try {
    const run = await store.find(which)
    const summary = await store.summary(run.id)
    const html = flags.html === undefined ? undefined : await htmlOf(store, run, summary)
    const wantsFiles = fileFlags.some(name => flags[name] !== undefined)
    if (!wantsFiles) {
      output.line(summaryText(summary, { width: output.width, paint: output.colors }))
    }
    // A report made again belongs to no CI step: nothing is appended to one's summary.
    const faults = writeResultFiles({ summary, flags, html, environment: {} })
    for (const fault of faults) output.note(`error: ${fault}`)
    return faults.length > 0 ? exitCodes.usage : exitCodes.pass
  } finally {
    await store.close()
  }
}

async function htmlOf(store: RunStore, run: StoredRun, summary: RunSummary): Promise<() => string> {
  const { storedHtml } = await import('../html/run-html.ts')
  const text = await storedHtml(store, run, summary)
  return () => text
}
