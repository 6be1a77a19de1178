import { Command } from 'commander'
import { exitCodes, type ExitCode } from '../../base/index.ts'
import {
  annotationsOf,
  comparisonExitCode,
  comparisonJson,
  comparisonJunit,
  comparisonMarkdown,
  comparisonText,
} from '../../report/index.ts'
import type { Flags } from '../options/flags.ts'
import { addFlags, readFlags, type FlagName } from '../options/read-flags.ts'
import { checkResultFiles, writeFiles, writeStepSummary } from '../running/result-files.ts'
import type { Finish, Surroundings } from '../surroundings.ts'
import { compareStored } from './compare-stored.ts'
import { openReferred, readReference } from './find-recorded.ts'

const flagNames = [
  ...['strict', 'json', 'markdown', 'junit', 'store'],
] as const satisfies readonly FlagName[]

/** `loadstone compare <base> <candidate>`. */
export function compareCommand(surroundings: Surroundings, finish: Finish): Command {
  const command = new Command('compare')
    .description('compare two stored runs: did anything get slower or fail more, beyond chance?')
    .argument('<base>', "a run's id, 'last', or another store: results/runs.db#last")
    .argument('<candidate>', 'the run that is to be judged, named the same way')
  return addFlags(command, flagNames)
    .addHelpText('after', '\nExample:\n  loadstone compare 20260102-0304 last --markdown diff.md')
    .action(async (base: string, candidate: string) => {
      const flags = readFlags(command, flagNames, surroundings.environment)
      finish(await compare({ base, candidate }, flags, surroundings))
    })
}

interface Sides {
  readonly base: string
  readonly candidate: string
}

async function compare(
  sides: Sides,
  flags: Flags,
  { environment, output }: Surroundings,
): Promise<ExitCode> {
  checkResultFiles(flags)
  const report = await reportOf(sides, flags)
  const strict = flags.strict ?? false
  const exitCode = comparisonExitCode(report, strict)
  output.line(comparisonText(report, { width: output.width, paint: output.colors, exitCode }))
  for (const line of annotationsOf({ comparison: report, strict }, environment)) output.line(line)
  const markdown = () => comparisonMarkdown(report)
  const files = [
    { flag: 'json', path: flags.json, text: () => comparisonJson(report, strict) },
    { flag: 'junit', path: flags.junit, text: () => comparisonJunit(report, strict) },
    { flag: 'markdown', path: flags.markdown, text: markdown },
  ]
  const faults = [...writeFiles(files), ...writeStepSummary(markdown, environment)]
  for (const fault of faults) output.note(`error: ${fault}`)
  return exitCode === exitCodes.pass && faults.length > 0 ? exitCodes.usage : exitCode
}

/** The candidate is found first: a base named by its store alone is a run of the same script. */
async function reportOf({ base, candidate }: Sides, flags: Flags) {
  const { store } = flags
  const references = [readReference(base, '<base>'), readReference(candidate, '<candidate>')]
  const judged = await openReferred(references[1]!, { store })
  try {
    const { id: exceptId, plan } = judged.run
    const wanted = { store, exceptId, script: plan.script }
    const found = await openReferred(references[0]!, wanted)
    try {
      return await compareStored(found, judged)
    } finally {
      await found.store.close()
    }
  } finally {
    await judged.store.close()
  }
}
