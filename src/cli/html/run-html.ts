import { deflateRawSync } from 'node:zlib'
import {
  type Mark,
  type MergedSecond,
  type RunSecond,
  type RunSummary,
} from '../../metrics/index.ts'
import type { TestPlan } from '../../plan/index.ts'
import { GatheredSeconds, htmlReport, type ComparisonReport } from '../../report/index.ts'
import { comparisonPageOf, itemOf, pageOfSummary, type RunOnPage } from '../../server/index.ts'
import type { RunStore, StoredRun } from '../../store/index.ts'
import { runEnvironment } from '../storing/run-environment.ts'
import { readTemplate } from './template.ts'

/** A run's comparison with its baseline. */
export interface ComparedWith {
  readonly base: StoredRun
  readonly report: ComparisonReport
}

/** What the HTML report of a run needs, gathered while it goes on: with or without a store. */
export interface HtmlOfRun {
  mark(mark: Mark): void
  second(second: MergedSecond): void
  /** The file's text, once the run is over. */
  text(summary: RunSummary, verdict: string, compared: ComparedWith | undefined): string
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
    text: (summary, verdict, compared) => {
      const { endState: state } = summary.run
      const run = { summary, state, verdict, plan, environment, marks }
      return textOf({ template, run, compared, ...gathered.all() })
    },
  }
}

/** The same file again, of a run that is stored. */
export async function storedHtml(
  store: RunStore,
  stored: StoredRun,
  { summary, compared }: { summary: RunSummary; compared: ComparedWith | undefined },
): Promise<string> {
  const { plan, environment, marks, state, end } = stored
  const run = { summary, state, verdict: end?.verdict, plan, environment, marks }
  const seconds = await store.seconds(stored.id)
  return textOf({ template: readTemplate(), run, compared, seconds, spanSeconds: 1 })
}

interface Parts {
  readonly template: string
  readonly run: RunOnPage
  readonly compared: ComparedWith | undefined
  readonly seconds: readonly RunSecond[]
  readonly spanSeconds: number
}

function textOf({ run, compared, ...gathered }: Parts): string {
  const deflateRaw = (bytes: Uint8Array) => deflateRawSync(bytes, { level: 9 })
  const page = pageOfSummary(run)
  const comparison =
    compared &&
    comparisonPageOf(compared.report, { base: itemOf(compared.base), candidate: page.item })
  return htmlReport({ ...gathered, page, comparison, deflateRaw })
}
