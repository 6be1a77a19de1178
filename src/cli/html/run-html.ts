import { deflateRawSync } from 'node:zlib'
import {
  type Mark,
  type MergedSecond,
  type RunSecond,
  type RunSummary,
} from '../../metrics/index.ts'
import type { TestPlan } from '../../plan/index.ts'
import { GatheredSeconds, htmlReport } from '../../report/index.ts'
import { pageOfSummary, type RunOnPage } from '../../server/index.ts'
import type { RunStore, StoredRun } from '../../store/index.ts'
import { runEnvironment } from '../storing/run-environment.ts'
import { readTemplate } from './template.ts'

/** What the HTML report of a run needs, gathered while it goes on: with or without a store. */
export interface HtmlOfRun {
  mark(mark: Mark): void
  second(second: MergedSecond): void
  /** The file's text, once the run is over. */
  text(summary: RunSummary, verdict: string): string
}

/** Throws a UsageError when there is no template. */
export async function gatherHtml(plan: TestPlan): Promise<HtmlOfRun> {
  const template = readTemplate()
  const environment = await runEnvironment()
  const gathered = new GatheredSeconds({ warmUpUs: plan.warmUpUs })
  const marks: Mark[] = []
  return {
    mark: mark => marks.push(mark),
    // As in the store, a second in which no worker delivered anything is a hole.
    second: ({ windows, second }) => {
      if (windows.length > 0) gathered.add(second)
    },
    text: (summary, verdict) => {
      const { endState: state } = summary.run
      const run = { summary, state, verdict, plan, environment, marks }
      return textOf(template, run, gathered.all())
    },
  }
}

/** The same file again, of a run that is stored. */
export async function storedHtml(
  store: RunStore,
  stored: StoredRun,
  summary: RunSummary,
): Promise<string> {
  const { plan, environment, marks, state, end } = stored
  const run = { summary, state, verdict: end?.verdict, plan, environment, marks }
  return textOf(readTemplate(), run, { seconds: await store.seconds(stored.id), spanSeconds: 1 })
}

function textOf(
  template: string,
  run: RunOnPage,
  gathered: { readonly seconds: readonly RunSecond[]; readonly spanSeconds: number },
): string {
  const deflateRaw = (bytes: Uint8Array) => deflateRawSync(bytes, { level: 9 })
  return htmlReport({ template, page: pageOfSummary(run), ...gathered, deflateRaw })
}
