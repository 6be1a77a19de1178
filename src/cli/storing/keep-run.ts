import { messageOf } from '../../base/index.ts'
import type { Mark, MergedSecond, RunSummary, WindowData } from '../../metrics/index.ts'
import { scenarioModels, type TestPlan } from '../../plan/index.ts'
import type { RunStore, RunWriter } from '../../store/index.ts'
import type { Flags } from '../options/flags.ts'
import type { Surroundings } from '../surroundings.ts'
import { runEnvironment } from './run-environment.ts'
import { openToWrite, placeFlag } from './store-place.ts'

/** Keeps a run in the store while it goes on. Nothing here ends or delays the run. */
export interface RunKeeper {
  /** The store it is kept in; undefined when it is not kept. */
  readonly store: RunStore | undefined
  started(startAtUnixMs: number): void
  second(second: MergedSecond): void
  late(window: WindowData): void
  mark(mark: Mark): void
  /** Writes the end and closes the store; the command to look at the run again, if it was kept. */
  end(summary: RunSummary, verdict: string): Promise<string | undefined>
}

export interface KeepOptions {
  readonly runId: string
  readonly plan: TestPlan
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/**
 * Opens the store that the flags name. One that was asked for and cannot be opened is a UsageError;
 * without the usual one the run goes on, with a warning.
 */
export async function keepRun(options: KeepOptions): Promise<RunKeeper> {
  const { flags, surroundings } = options
  if (flags.noStore === true) return keepsNothing
  try {
    return await openKeeper(options)
  } catch (error) {
    if (flags.store !== undefined) throw error
    surroundings.output.note(`warning: this run is not kept: ${messageOf(error)}`)
    return keepsNothing
  }
}

const keepsNothing: RunKeeper = {
  store: undefined,
  started: () => {},
  second: () => {},
  late: () => {},
  mark: () => {},
  end: () => Promise.resolve(undefined),
}

async function openKeeper({ runId, plan, flags, surroundings }: KeepOptions): Promise<RunKeeper> {
  const { clock, output } = surroundings
  const [store, environment] = await Promise.all([openToWrite(flags), runEnvironment()])
  let missing = false
  const onTrouble = (message: string) => {
    missing = true
    output.note(`warning: ${message}`)
  }
  const writer = await begun(store, onTrouble, {
    ...{ id: runId, startedAtUnixMs: clock.nowUnixMs(), plan, environment },
    scenarios: scenarioModels(plan),
  })
  return {
    store,
    started: startAtUnixMs => writer.started(startAtUnixMs),
    // A second in which no worker delivered anything is a hole, here as in the timeline.
    second: ({ windows, second }) => windows.length > 0 && writer.append(second),
    late: window => writer.amend(window),
    mark: mark => writer.mark(mark),
    end: async (summary, verdict) => {
      await writer.end(summary, verdict)
      // Not waited for: a database that is stuck would not let go, and the process ends soon.
      void store.close().catch(() => undefined)
      return missing ? undefined : `loadstone report ${runId}${placeFlag(flags)}`
    },
  }
}

async function begun(
  store: RunStore,
  onTrouble: (message: string) => void,
  run: Parameters<RunStore['begin']>[0],
): Promise<RunWriter> {
  try {
    return await store.begin(run, onTrouble)
  } catch (error) {
    await store.close()
    throw error
  }
}
