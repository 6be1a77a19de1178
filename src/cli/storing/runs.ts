import { Command } from 'commander'
import {
  exitCodes,
  formatBytes,
  parseBytes,
  parseDurationUs,
  UsageError,
  type ExitCode,
} from '../../base/index.ts'
import type { RunStore } from '../../store/index.ts'
import type { Flags } from '../options/flags.ts'
import { addFlags, readFlags, type FlagName } from '../options/read-flags.ts'
import type { Finish, Surroundings } from '../surroundings.ts'
import type { Output } from '../terminal/output.ts'
import { runDocument, runTable } from './runs-table.ts'
import { openToRead } from './store-place.ts'

const listFlags = ['store', 'tag', 'limit'] as const satisfies readonly FlagName[]
const deleteFlags = ['store'] as const satisfies readonly FlagName[]
const pruneFlags = ['store', 'olderThan', 'maxSize'] as const satisfies readonly FlagName[]

/** `loadstone runs`: what is stored, and how to get rid of it. */
export function runsCommand(surroundings: Surroundings, finish: Finish): Command {
  const command = new Command('runs').description('list the stored runs, delete some, or prune')
  const flagsOf = (of: Command, names: readonly FlagName[]) =>
    readFlags(of, names, surroundings.environment)
  addFlags(command, listFlags)
    .option('--json', 'print the list as JSON')
    .addHelpText('after', '\nExample:\n  loadstone runs --tag branch=main --limit 10')
    .action(async () => {
      const asJson = command.opts<{ json?: boolean }>().json === true
      finish(await list(flagsOf(command, listFlags), asJson, surroundings))
    })
  const remove = addFlags(new Command('delete'), deleteFlags)
    .description('delete stored runs')
    .argument('<id...>', "a run's id, a beginning of it that only one has, or 'last'")
    .action(async (ids: string[]) => {
      finish(await deleteRuns(ids, readOf(remove, deleteFlags), surroundings))
    })
  const prune = addFlags(new Command('prune'), pruneFlags)
    .description('delete runs that are old, or the oldest until the rest is small enough')
    .addHelpText('after', '\nExample:\n  loadstone runs prune --older-than 30d --max-size 1GB')
    .action(async () => {
      finish(await pruneRuns(readOf(prune, pruneFlags), surroundings))
    })
  // `runs --store F delete` means the same as `runs delete --store F`.
  const readOf = (of: Command, names: readonly FlagName[]): Flags => {
    const own = flagsOf(of, names)
    const { store } = command.opts<{ store?: string }>()
    return store === undefined || of.opts<{ store?: string }>().store ? own : { ...own, store }
  }
  return command.addCommand(remove).addCommand(prune)
}

async function list(flags: Flags, asJson: boolean, surroundings: Surroundings): Promise<ExitCode> {
  const { output } = surroundings
  const tags = Object.fromEntries(flags.tag ?? [])
  const runs = await withStore(flags, store => {
    return store.runs({ tags, ...(flags.limit === undefined ? {} : { limit: flags.limit }) })
  })
  if (asJson) output.line(JSON.stringify(runs.map(runDocument), null, 2))
  else if (runs.length === 0) output.line('no stored run matches')
  else output.line(runTable(runs, { width: tableWidth(output), paint: output.colors }))
  return exitCodes.pass
}

async function deleteRuns(
  ids: readonly string[],
  flags: Flags,
  { output }: Surroundings,
): Promise<ExitCode> {
  await withStore(flags, async store => {
    const found = new Map(
      (await Promise.all(ids.map(id => store.find(id)))).map(run => [run.id, run]),
    )
    const running = [...found.values()].find(({ state }) => state === 'running')
    if (running !== undefined) {
      throw new UsageError('RUN_RUNNING', `the run ${running.id} is still running: stop it first`)
    }
    const count = await store.delete([...found.keys()])
    output.line(`deleted ${count === 1 ? '1 run' : `${count} runs`}`)
  })
  return exitCodes.pass
}

async function pruneRuns(flags: Flags, { output, clock }: Surroundings): Promise<ExitCode> {
  const { olderThan, maxSize } = flags
  if (olderThan === undefined && maxSize === undefined) {
    throw new UsageError(
      'PRUNE_LIMITS',
      'runs prune: say what may stay, e.g. --older-than 30d or --max-size 1GB',
    )
  }
  const age = olderThan === undefined ? undefined : parseDurationUs(olderThan, '--older-than')
  const ids = await withStore(flags, store =>
    store.prune({
      ...(age === undefined ? {} : { startedBeforeUnixMs: clock.nowUnixMs() - age / 1000 }),
      ...(maxSize === undefined ? {} : { storedBytesMax: parseBytes(maxSize, '--max-size') }),
    }),
  )
  for (const id of ids) output.line(`deleted ${id}`)
  if (ids.length === 0) output.line(`nothing to delete${limitWords(maxSize)}`)
  return exitCodes.pass
}

const limitWords = (maxSize: string | undefined) =>
  maxSize === undefined ? '' : `: all runs together fit ${formatBytes(parseBytes(maxSize, ''))}`

/** What reads a pipe gets every tag whole. */
const tableWidth = ({ stdout, width }: Output) => (stdout.isTTY ? width : Infinity)

/** Opens the store to read, and closes it whatever happens. */
async function withStore<T>(flags: Flags, use: (store: RunStore) => Promise<T>): Promise<T> {
  const store = await openToRead(flags)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
