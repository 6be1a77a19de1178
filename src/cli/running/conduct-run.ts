import { exitCodes, messageOf, type ExitCode } from '../../base/index.ts'
import { annotationsOf, summaryText } from '../../report/index.ts'
import type { RunningRun } from '../../run/index.ts'
import { openBaseline } from '../comparing/baseline.ts'
import { openBrowser } from '../dashboard/browser.ts'
import type { ServedDashboard } from '../dashboard/serve-dashboard.ts'
import type { HtmlOfRun } from '../html/run-html.ts'
import type { Flags } from '../options/flags.ts'
import { temporaryStore } from '../storing/temporary-store.ts'
import type { Surroundings } from '../surroundings.ts'
import { readKeys } from '../terminal/keys.ts'
import { beginRun, type BegunRun } from './begin-run.ts'
import { openView } from './open-view.ts'
import type { PreparedRun } from './prepare-run.ts'
import { checkResultFiles, writeResultFiles } from './result-files.ts'
import type { RunView } from './run-view.ts'

export interface ConductOptions {
  readonly flags: Flags
  readonly surroundings: Surroundings
}

/**
 * Runs a prepared script with everything around it: progress, keys, signals, summary, result files,
 * dashboard. Resolves with the exit code. Whatever ends the run, what was measured is shown and
 * written; the dashboard ends with the run.
 */
export async function conductRun(
  prepared: PreparedRun,
  { flags, surroundings }: ConductOptions,
): Promise<ExitCode> {
  const { ui: port } = flags
  checkResultFiles(flags)
  if (port === undefined) {
    return conducted(prepared, undefined, { flags, keptBy: flags, surroundings })
  }
  // Most runs have none: its packages are loaded by those who look at it.
  const { serveDashboard } = await import('../dashboard/serve-dashboard.ts')
  const { flags: keptBy, remove } = isKept(flags)
    ? { flags, remove: () => {} }
    : temporaryStore(flags, surroundings.output)
  try {
    const dashboard = await serveDashboard({ flags: keptBy, surroundings, port })
    try {
      return await conducted(prepared, dashboard, { flags, keptBy, surroundings })
    } finally {
      await dashboard.close()
    }
  } finally {
    remove()
  }
}

const isKept = ({ noStore }: Flags): boolean => noStore !== true

async function conducted(
  prepared: PreparedRun,
  dashboard: ServedDashboard | undefined,
  { flags, keptBy, surroundings }: ConductOptions & { readonly keptBy: Flags },
): Promise<ExitCode> {
  const { environment, output, interruption } = surroundings
  const baseline = await openBaseline(flags, prepared.plan.script, text => output.note(text))
  const html = flags.html === undefined ? undefined : await htmlOf(prepared)
  const view = openView({ plan: prepared.plan, flags, surroundings })
  const shown = { view, dashboard, baseline, html }
  const begun = await beginRun(prepared, { flags: keptBy, surroundings, ...shown })
  const end = (times: number) => begun.run.stop(times === 1 ? 'graceful' : 'now')
  return interruption.during(end, async () => {
    const { summary, verdict, ...rest } = await watched({ begun, view, dashboard, surroundings })
    const { comparison } = rest
    const look = { width: output.width, paint: output.colors }
    output.line(summaryText(summary, { ...look, ...(comparison && { comparison }) }))
    const strict = flags.strict ?? false
    const notes = annotationsOf({ summary, comparison, strict }, environment)
    for (const line of notes) output.line(line)
    const compared = baseline && comparison && { base: baseline.run, report: comparison }
    const text = html && (() => html.text(summary, verdict, compared))
    const faults = writeResultFiles({ summary, comparison, flags, html: text, environment })
    for (const fault of faults) output.note(`error: ${fault}`)
    if (flags.html !== undefined && faults.length === 0 && flags.quiet !== true) {
      output.line(`report: ${flags.html}`)
    }
    const again = await begun.keep()
    if (again !== undefined && isKept(flags) && flags.quiet !== true) {
      const pages = dashboard === undefined ? '' : `, or all runs in a browser: loadstone ui`
      output.line(`kept; see it again: ${again}${pages}`)
    }
    return verdict === 'pass' && faults.length > 0 ? exitCodes.usage : exitCodes[verdict]
  })
}

/** Most runs have none: what makes it is loaded by those that do. */
async function htmlOf({ plan }: PreparedRun): Promise<HtmlOfRun> {
  const { gatherHtml } = await import('../html/run-html.ts')
  return gatherHtml(plan)
}

interface Watched {
  readonly begun: BegunRun
  readonly view: RunView
  readonly dashboard: ServedDashboard | undefined
  readonly surroundings: Surroundings
}

/** How it ended; until then keys work, and after it the terminal is as it was. */
async function watched(options: Watched): Promise<Awaited<BegunRun['ended']>> {
  const { begun, view, surroundings } = options
  const releaseKeys = view.wantsKeys ? readKeys(surroundings.stdin, pressedOn(options)) : () => {}
  try {
    return await begun.ended
  } finally {
    releaseKeys()
    view.close()
  }
}

const usersPerKey: Readonly<Record<string, number>> = { w: 1, W: 10, s: -1, S: -10 }

/** The keys of a terminal run, as people know them from Locust. */
function pressedOn({ begun, view, dashboard, surroundings }: Watched) {
  const { run } = begun
  const { interruption, environment } = surroundings
  return (key: string) => {
    const delta = usersPerKey[key]
    if (delta !== undefined) return addUsers(run, view, delta)
    if (key === 'ctrl-c') return interruption.request()
    if (key === 'enter') return void showDashboard(dashboard, view, environment)
    if (key === 'p') run.setPaused(!run.paused)
  }
}

function addUsers(run: RunningRun, view: RunView, delta: number): void {
  try {
    run.adjustUsers(delta)
  } catch (thrown) {
    view.log('warn', messageOf(thrown))
  }
}

async function showDashboard(
  dashboard: ServedDashboard | undefined,
  view: RunView,
  environment: Surroundings['environment'],
): Promise<void> {
  if (dashboard === undefined) return view.log('info', 'there is no dashboard: start with --ui')
  if (await openBrowser(dashboard.url, environment)) return
  view.log('info', `no browser can be opened from here; the dashboard is at ${dashboard.url}`)
}
