import { Histogram, runModel, type RunSummary } from '../../metrics/index.ts'
import { scenarioModels, type TestPlan } from '../../plan/index.ts'
import type { RunStore, StoredRun } from '../../store/index.ts'
import type { Mark, PageValidity, RunEnvironment, RunItem, RunPage, RunState } from '../api.ts'
import { outlinesOf } from './outline.ts'

/** One line of the list for a stored run; `latency` is of one that has no end in the store. */
export function itemOf(stored: StoredRun, latency = new Histogram()): RunItem {
  const { end, plan } = stored
  return {
    id: stored.id,
    script: plan.script,
    state: stored.state,
    ...(end && { verdict: end.verdict }),
    startedAtUnixMs: end?.facts.startedAtUnixMs ?? stored.startedAtUnixMs,
    durationUs: end?.facts.durationUs ?? stored.seconds * 1_000_000,
    warmUpUs: plan.warmUpUs,
    model: runModel(scenarioModels(plan)),
    workers: plan.workers,
    tags: plan.tags,
    requests: stored.requests,
    failures: stored.failures,
    drops: stored.drops,
    latency: base64(end?.latency ?? latency.encode()),
    storedBytes: stored.storedBytes,
  }
}

/**
 * The page of a stored run. One without an end is judged from what it has stored so far; an older
 * store, which does not say how busy the generator was, is read for it.
 */
export async function pageOf(stored: StoredRun, store: RunStore): Promise<RunPage> {
  const { end, plan } = stored
  const about = {
    seed: plan.seed,
    environment: stored.environment,
    scenarios: outlinesOf(plan),
    marks: stored.marks,
    steerable: false,
  }
  if (end === undefined) {
    const summary = await store.summary(stored.id)
    return { item: itemOf(stored, latencyOf(summary)), ...about, ...judgedOf(summary) }
  }
  const { endReason } = end.facts
  const generator = end.generator ?? (await store.summary(stored.id)).validity
  const validity = { ...generator, valid: end.valid, reasons: end.invalidReasons }
  const judged = judgedOf({ ...end, validity })
  return {
    item: itemOf(stored),
    ...(endReason !== undefined && { endReason }),
    ...about,
    ...judged,
  }
}

export interface RunOnPage {
  readonly summary: RunSummary
  readonly state: RunState
  readonly verdict: string | undefined
  readonly plan: TestPlan
  readonly environment: RunEnvironment
  readonly marks: readonly Mark[]
}

/** The page of a run whose summary is at hand; it can no longer be steered. */
export function pageOfSummary(run: RunOnPage): RunPage {
  const { summary, state, verdict, plan, environment, marks } = run
  const { endReason } = summary.run
  return {
    item: liveItem({ summary, state, verdict }),
    ...(endReason !== undefined && { endReason }),
    ...{ seed: plan.seed, environment, scenarios: outlinesOf(plan), marks },
    ...judgedOf(summary),
    steerable: false,
  }
}

/** What of a summary changes while a run goes on. */
export function judgedOf(
  judged: Pick<RunSummary, 'thresholds' | 'warnings' | 'scriptErrors'> & {
    readonly validity: PageValidity
  },
): Pick<RunPage, 'thresholds' | 'validity' | 'warnings' | 'scriptErrors'> {
  const { thresholds, validity, warnings, scriptErrors } = judged
  return {
    thresholds,
    validity: pageValidity(validity),
    warnings,
    scriptErrors: scriptErrors.slice(0, 100),
  }
}

/** One line of the list for a run of this process. */
export function liveItem(options: {
  readonly summary: RunSummary
  readonly state: RunState
  readonly verdict: string | undefined
}): RunItem {
  const { summary, state, verdict } = options
  const { run, totals } = summary
  const { id, script, startedAtUnixMs, durationUs, warmUpUs, workers, tags } = run
  const { requests, failures, drops } = totals
  return {
    ...{ id, script, state, startedAtUnixMs, durationUs, warmUpUs, workers, tags },
    ...(verdict !== undefined && { verdict }),
    model: run.model,
    ...{ requests, failures, drops },
    latency: base64(latencyOf(summary).encode()),
    storedBytes: 0,
  }
}

function pageValidity(validity: PageValidity): PageValidity {
  const { valid, reasons, eventLoopUtilization, workers, keptDropped } = validity
  return { valid, reasons, eventLoopUtilization, workers, keptDropped }
}

function latencyOf({ series }: RunSummary): Histogram {
  const requests = series.filter(({ kind }) => kind === 'request')
  return Histogram.merged(requests.flatMap(({ ok, failed }) => [ok.latency, failed.latency]))
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
