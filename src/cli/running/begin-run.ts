import { loadstoneVersion, type ExitName, type LogLevel } from '../../base/index.ts'
import { decideExit, type RunSummary } from '../../metrics/index.ts'
import type { ComparisonReport } from '../../report/index.ts'
import { localTransport, startRun, type RunListeners, type RunningRun } from '../../run/index.ts'
import type { Baseline } from '../comparing/baseline.ts'
import type { ShowsRuns } from '../dashboard/serve-dashboard.ts'
import type { HtmlOfRun } from '../html/run-html.ts'
import type { Flags } from '../options/flags.ts'
import { keepRun } from '../storing/keep-run.ts'
import { newRunId } from '../storing/run-id.ts'
import type { Surroundings } from '../surroundings.ts'
import { openOutputs } from './open-outputs.ts'
import type { PreparedRun } from './prepare-run.ts'
import type { RunView } from './run-view.ts'
import { scriptErrorNotes } from './script-error-notes.ts'

export interface BeginOptions {
  readonly flags: Flags
  readonly surroundings: Surroundings
  readonly view: RunView
  readonly dashboard?: ShowsRuns | undefined
  readonly baseline?: Baseline | undefined
  readonly html?: HtmlOfRun | undefined
}

/** A run that makes load, is kept, sent to its outputs and shown. */
export interface BegunRun {
  readonly id: string
  readonly run: RunningRun
  /** Resolves once all users have ended and every output has what it was sent. */
  readonly ended: Promise<RunEnd>
  /** Call once, after `ended`: the store gets its end. The command to see it again, if kept. */
  keep(): Promise<string | undefined>
}

export interface RunEnd {
  readonly summary: RunSummary
  readonly verdict: ExitName
  /** With the baseline, when there is one. */
  readonly comparison: ComparisonReport | undefined
}

/** Begins a prepared run, the same for the command line and for the dashboard. */
export async function beginRun(prepared: PreparedRun, options: BeginOptions): Promise<BegunRun> {
  const { flags, surroundings, view, dashboard, baseline, html } = options
  const { clock } = surroundings
  const { plan, bundle, data } = prepared
  const id = newRunId(clock.nowUnixMs())
  const keeper = await keepRun({ runId: id, plan, flags, surroundings })
  const outputs = openOutputs({ runId: id, plan, flags, surroundings })
  const live = await dashboard?.prepare(id, plan)
  const run = startRun({
    ...{ runId: id, plan, bundle, data, clock, loadstoneVersion },
    transport: localTransport(),
    logLevel: flags.logLevel ?? 'info',
    listeners: toldTo([
      viewListeners(view),
      {
        onStart: startAtUnixMs => {
          keeper.started(startAtUnixMs)
          outputs.start(startAtUnixMs)
        },
        onMark: mark => {
          keeper.mark(mark)
          html?.mark(mark)
        },
        onSecond: second => {
          keeper.second(second)
          outputs.second(second)
          baseline?.second(second)
          html?.second(second)
        },
        onLate: window => keeper.late(window),
        ...(outputs.wantsSpans && { onSpans: batch => outputs.spans(batch) }),
      },
      ...(live === undefined ? [] : [live.listeners]),
    ]),
  })
  live?.attach(run)
  if (live !== undefined) dashboard?.show(live)
  const ended = run.ended.then(async measured => {
    const sent = await outputs.close(measured)
    const { summary, report: comparison } = baseline?.compare(sent) ?? { summary: sent }
    return { summary, comparison, verdict: decideExit(summary) }
  })
  ended.catch(() => live?.fail())
  const keep = async () => {
    const { summary, verdict } = await ended
    const again = await keeper.end(summary, verdict)
    live?.end(summary, verdict)
    return again
  }
  return { id, run, ended, keep }
}

function viewListeners(view: RunView): Partial<RunListeners> {
  return {
    onPhase: phase => view.phase(phase),
    onSecond: second => view.second(second),
    onMark: ({ kind }) => {
      if (kind === 'pause' || kind === 'resume') view.paused(kind === 'pause')
    },
    onLog: (level: LogLevel, message) => view.log(level, message),
    onScriptError: scriptErrorNotes(line => view.log('error', line)),
  }
}

/** All of them are told everything, in their order. */
function toldTo(all: readonly Partial<RunListeners>[]): RunListeners {
  // Spans are made only when somebody listens.
  const wantSpans = all.filter(one => one.onSpans !== undefined)
  return {
    ...(wantSpans.length > 0 && {
      onSpans: batch => wantSpans.forEach(one => one.onSpans?.(batch)),
    }),
    onPhase: phase => all.forEach(one => one.onPhase?.(phase)),
    onStart: startAtUnixMs => all.forEach(one => one.onStart?.(startAtUnixMs)),
    onSecond: second => all.forEach(one => one.onSecond?.(second)),
    onLate: window => all.forEach(one => one.onLate?.(window)),
    onMark: mark => all.forEach(one => one.onMark?.(mark)),
    onLog: (level, message) => all.forEach(one => one.onLog?.(level, message)),
    onScriptError: (scenario, message, count) =>
      all.forEach(one => one.onScriptError?.(scenario, message, count)),
  }
}
