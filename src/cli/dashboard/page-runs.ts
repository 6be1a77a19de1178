import { messageOf, type LogLevel } from '../../base/index.ts'
import type { RunStarter, StartOrder } from '../../server/index.ts'
import type { Flags } from '../options/flags.ts'
import { duration, rate, url } from '../options/readers.ts'
import { beginRun, type BegunRun } from '../running/begin-run.ts'
import { prepareRun } from '../running/prepare-run.ts'
import { quietView } from '../running/run-view.ts'
import type { Surroundings } from '../surroundings.ts'
import { findScripts } from './find-scripts.ts'
import type { ShowsRuns } from './serve-dashboard.ts'

/** Runs that are started from the page: one at a time, each as `loadstone run` would start it. */
export class PageRuns {
  readonly #flags: Flags
  readonly #surroundings: Surroundings
  #begun: BegunRun | undefined
  #over: Promise<void> = Promise.resolve()

  /** `flags`: what goes for every run, such as the store. */
  constructor(flags: Flags, surroundings: Surroundings) {
    this.#flags = flags
    this.#surroundings = surroundings
  }

  starter(dashboard: ShowsRuns): RunStarter {
    return {
      scripts: () => findScripts(process.cwd()),
      start: order => this.#start(order, dashboard),
    }
  }

  /** The run under way ends; nothing happens without one. */
  stop(how: 'graceful' | 'now'): void {
    this.#begun?.run.stop(how)
  }

  /** Resolves when no run is under way and the last one is kept. */
  get over(): Promise<void> {
    return this.#over
  }

  async #start(order: StartOrder, dashboard: ShowsRuns): Promise<string> {
    const { output } = this.#surroundings
    const flags: Flags = { ...this.#flags, ...flagsOf(order) }
    const surroundings = this.#surroundings
    const prepared = await prepareRun({ script: order.script, flags, surroundings })
    const view = quietView(output)
    const begun = await beginRun(prepared, { flags, surroundings, view, dashboard })
    this.#begun = begun
    output.line(`run ${begun.id}: ${order.script}`)
    const log = (level: LogLevel, text: string) => view.log(level, text)
    this.#over = begun
      .keep()
      .then(() => begun.ended)
      .then(({ verdict }) => output.line(`run ${begun.id}: ${verdict}`))
      .catch((error: unknown) => log('error', `the run failed: ${messageOf(error)}`))
      .finally(() => (this.#begun = undefined))
    return begun.id
  }
}

/** Text is read as the command line reads it, with the same words when it is wrong. */
function flagsOf({ host, users, rate: perSecond, duration: length }: StartOrder): Flags {
  return {
    ...(host === undefined || host === '' ? {} : { host: url(host, 'host') }),
    ...(users === undefined ? {} : { users }),
    ...(perSecond === undefined || perSecond === '' ? {} : { rate: rate(perSecond, 'rate') }),
    ...(length === undefined || length === '' ? {} : { duration: duration(length, 'duration') }),
  }
}
