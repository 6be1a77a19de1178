import { exitCodes, loadstoneVersion, messageOf, type ExitCode } from '../../base/index.ts'
import { decideExit, type RunSummary } from '../../metrics/index.ts'
import type { RunOutputs } from '../../outputs/index.ts'
import { localTransport, startRun, type RunningRun } from '../../run/index.ts'
import type { Flags } from '../options/flags.ts'
import type { Surroundings } from '../surroundings.ts'
import type { Interruption } from '../terminal/interruption.ts'
import { keepRun, type RunKeeper } from '../storing/keep-run.ts'
import { readKeys } from '../terminal/keys.ts'
import { openOutputs } from './open-outputs.ts'
import { openView } from './open-view.ts'
import type { PreparedRun } from './prepare-run.ts'
import { checkResultFiles, writeResultFiles } from './result-files.ts'
import { newRunId } from './run-id.ts'
import type { RunView } from './run-view.ts'
import { scriptErrorNotes } from './script-error-notes.ts'
import { summaryText } from '../../report/index.ts'

export interface ConductOptions {
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/**
 * Runs a prepared script with everything around it: progress, keys, signals, summary, result files.
 * Resolves with the exit code. Whatever ends the run, what was measured is shown and written.
 */
export async function conductRun(
  prepared: PreparedRun,
  { flags, surroundings }: ConductOptions,
): Promise<ExitCode> {
  const { environment, output, interruption, clock } = surroundings
  checkResultFiles(flags)
  const runId = newRunId(clock.nowUnixMs())
  const keeper = await keepRun({ runId, plan: prepared.plan, flags, surroundings })
  const outputs = openOutputs({ runId, plan: prepared.plan, flags, surroundings })
  const view = openView({ plan: prepared.plan, flags, surroundings })
  const run = start(prepared, { runId, view, keeper, outputs }, { flags, surroundings })
  const end = (times: number) => run.stop(times === 1 ? 'graceful' : 'now')
  return interruption.during(end, async () => {
    const summary = await outputs.close(await watched(run, view, surroundings))
    output.line(summaryText(summary, { width: output.width, paint: output.colors }))
    const faults = writeResultFiles({ summary, flags, environment })
    for (const fault of faults) output.note(`error: ${fault}`)
    const verdict = decideExit(summary)
    const again = await keeper.end(summary, verdict)
    if (again !== undefined && flags.quiet !== true) output.line(`kept; see it again: ${again}`)
    return verdict === 'pass' && faults.length > 0 ? exitCodes.usage : exitCodes[verdict]
  })
}

/** The run's summary; until then keys work, and after it the terminal is as it was. */
async function watched(
  run: RunningRun,
  view: RunView,
  { stdin, interruption }: Surroundings,
): Promise<RunSummary> {
  const releaseKeys = view.wantsKeys
    ? readKeys(stdin, pressedOn(run, view, interruption))
    : () => {}
  try {
    return await run.ended
  } finally {
    releaseKeys()
    view.close()
  }
}

function start(
  prepared: PreparedRun,
  told: {
    readonly runId: string
    readonly view: RunView
    readonly keeper: RunKeeper
    readonly outputs: RunOutputs
  },
  { flags, surroundings }: ConductOptions,
): RunningRun {
  const { runId, view, keeper, outputs } = told
  const { clock } = surroundings
  const note = scriptErrorNotes(line => view.log('error', line))
  return startRun({
    runId,
    plan: prepared.plan,
    bundle: prepared.bundle,
    data: prepared.data,
    transport: localTransport(),
    clock,
    logLevel: flags.logLevel ?? 'info',
    loadstoneVersion,
    listeners: {
      onPhase: phase => view.phase(phase),
      onStart: startAtUnixMs => {
        keeper.started(startAtUnixMs)
        outputs.start(startAtUnixMs)
      },
      onMark: mark => keeper.mark(mark),
      onSecond: second => {
        view.second(second)
        keeper.second(second)
        outputs.second(second)
      },
      onLog: (level, message) => view.log(level, message),
      onScriptError: note,
    },
  })
}

const usersPerKey: Readonly<Record<string, number>> = { w: 1, W: 10, s: -1, S: -10 }

/** The keys of a terminal run, as people know them from Locust. */
function pressedOn(run: RunningRun, view: RunView, interruption: Interruption) {
  let paused = false
  const addUsers = (delta: number) => {
    try {
      run.adjustUsers(delta)
    } catch (thrown) {
      view.log('warn', messageOf(thrown))
    }
  }
  return (key: string) => {
    const delta = usersPerKey[key]
    if (delta !== undefined) return addUsers(delta)
    if (key === 'ctrl-c') return interruption.request()
    if (key !== 'p') return
    paused = !paused
    run.setPaused(paused)
    view.paused(paused)
  }
}
