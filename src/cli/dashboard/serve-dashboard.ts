import { loadstoneVersion, messageOf, UsageError } from '../../base/index.ts'
import type { TestPlan } from '../../plan/index.ts'
import {
  LiveRun,
  olderFrom,
  openDashboard,
  type Dashboard,
  type RunStarter,
} from '../../server/index.ts'
import type { RunStore } from '../../store/index.ts'
import { compareApart } from '../comparing/compare-apart.ts'
import type { Flags } from '../options/flags.ts'
import { runEnvironment } from '../storing/run-environment.ts'
import { openToWrite, placeOf } from '../storing/store-place.ts'
import type { Surroundings } from '../surroundings.ts'
import { pageFolder } from './page-folder.ts'

const usualPort = 8089
/** Ports that are tried when nobody chose one. */
const portsTried = 20

/** A dashboard with a store of its own, which outlives the runs. */
export type ServedDashboard = Dashboard & ShowsRuns

/** Where a run is shown while it goes on. */
export interface ShowsRuns {
  /** A run that is about to begin; it is to be told everything and then shown. */
  prepare(id: string, plan: TestPlan): Promise<LiveRun>
  show(run: LiveRun): void
}

export interface ServeOptions {
  readonly flags: Flags
  readonly surroundings: Surroundings
  /** 'auto': 8089, or the next one that is free. */
  readonly port: number | 'auto'
  /** Makes what starts runs from the page; they are shown through what it is given. */
  readonly starter?: (shows: ShowsRuns) => RunStarter
}

/**
 * Opens the dashboard and says where it is. A port that was asked for and is taken is a UsageError;
 * so is a store that was asked for and cannot be opened.
 */
export async function serveDashboard(options: ServeOptions): Promise<ServedDashboard> {
  const { flags, surroundings, starter } = options
  const store = await storeOf(flags, surroundings)
  let show: Dashboard['show'] = () => {}
  const prepare = preparing(store, surroundings)
  const starts = starter?.({ prepare, show: run => show(run) })
  const open = (port: number) =>
    openDashboard({
      ...{ store, port, clock: surroundings.clock, loadstoneVersion, pageFolder: pageFolder() },
      compare: (runs, signal) => compareApart({ ...runs, place: placeOf(flags) }, signal),
      ...{ host: flags.uiHost, token: flags.uiToken, starter: starts },
    })
  try {
    const { output } = surroundings
    const dashboard = await (options.port === 'auto' ? onFreePort(open) : open(options.port))
    show = run => dashboard.show(run)
    const taken = options.port === 'auto' && dashboard.port !== usualPort
    const why = taken ? ` (port ${usualPort} is taken)` : ''
    // Also with --quiet: who asks for a dashboard needs its address. Never into a log of results.
    output.note(`dashboard: ${dashboard.url}${why}`)
    const close = async () => {
      await dashboard.close()
      await store?.close()
    }
    return { ...dashboard, prepare, close }
  } catch (error) {
    await store?.close()
    throw error
  }
}

function preparing(store: RunStore | undefined, { clock }: Surroundings): ShowsRuns['prepare'] {
  return async (id, plan) => {
    const environment = await runEnvironment()
    const older = store && olderFrom(store, id)
    return new LiveRun({
      ...{ id, plan, environment, loadstoneVersion, startedAtUnixMs: clock.nowUnixMs() },
      ...(older && { older }),
    })
  }
}

async function storeOf(flags: Flags, { output }: Surroundings): Promise<RunStore | undefined> {
  if (flags.noStore === true) return undefined
  try {
    return await openToWrite(flags)
  } catch (error) {
    if (flags.store !== undefined) throw error
    output.note(`warning: the dashboard shows no stored runs: ${messageOf(error)}`)
    return undefined
  }
}

async function onFreePort(open: (port: number) => Promise<Dashboard>): Promise<Dashboard> {
  for (let port = usualPort; ; port += 1) {
    try {
      return await open(port)
    } catch (error) {
      const isTaken = error instanceof UsageError && error.code === 'UI_PORT'
      if (!isTaken || port === usualPort + portsTried) throw error
    }
  }
}
