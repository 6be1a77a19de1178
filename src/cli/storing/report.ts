import { Command } from 'commander'
import { exitCodes, type ExitCode } from '../../base/index.ts'
import { summaryText } from '../../report/index.ts'
import type { RunStore, StoredRun } from '../../store/index.ts'
import { judgedBy } from '../comparing/baseline.ts'
import { compareStored } from '../comparing/compare-stored.ts'
import { openReferred, readReference, type OpenedRun } from '../comparing/find-recorded.ts'
import type { storedHtml } from '../html/run-html.ts'
import type { Flags } from '../options/flags.ts'
import { addFlags, readFlags, type FlagName } from '../options/read-flags.ts'
import { checkResultFiles, writeResultFiles } from '../running/result-files.ts'
import type { Finish, Surroundings } from '../surroundings.ts'
import { openToRead } from './store-place.ts'

const fileFlags = ['json', 'html', 'csv', 'junit', 'markdown', 'hdr'] as const satisfies FlagName[]
const flagNames = ['store', 'baseline', ...fileFlags] as const satisfies FlagName[]

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
    const stored = await store.summary(run.id)
    const compared = await comparedWith(flags, { store, run })
    const summary = compared === undefined ? stored : judgedBy(compared.report, stored, false)
    const comparison = compared?.report
    const html =
      flags.html === undefined ? undefined : await htmlOf(store, run, { summary, compared })
    const wantsFiles = fileFlags.some(name => flags[name] !== undefined)
    if (!wantsFiles) {
      const look = { width: output.width, paint: output.colors }
      output.line(summaryText(summary, { ...look, ...(comparison && { comparison }) }))
    }
    // A report made again belongs to no CI step: nothing is appended to one's summary.
    const faults = writeResultFiles({ summary, comparison, flags, html, environment: {} })
    for (const fault of faults) output.note(`error: ${fault}`)
    return faults.length > 0 ? exitCodes.usage : exitCodes.pass
  } finally {
    await store.close()
  }
}

/** The run and its baseline, with `--baseline`. What it says never changes how `report` ends. */
async function comparedWith(flags: Flags, { store, run }: OpenedRun) {
  if (flags.baseline === undefined) return undefined
  const reference = readReference(flags.baseline, '--baseline')
  const wanted = { store: flags.store, script: run.plan.script, exceptId: run.id }
  const found = await openReferred(reference, wanted)
  try {
    return { base: found.run, report: await compareStored(found, { store, run }) }
  } finally {
    await found.store.close()
  }
}

async function htmlOf(
  store: RunStore,
  run: StoredRun,
  shown: Parameters<typeof storedHtml>[2],
): Promise<() => string> {
  const { storedHtml } = await import('../html/run-html.ts')
  const text = await storedHtml(store, run, shown)
  return () => text
}
