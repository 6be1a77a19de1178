import { Histogram, RunAccumulator, type RunSummary } from '../../metrics/index.ts'
import type { RunSecond, WindowData } from '../../metrics/index.ts'
import { plainPlan, plainScenario } from '../../plan/testing/plain-plan.ts'
import type { TestPlan } from '../../plan/index.ts'
import type { NewRun, RunWriter } from '../stored-run.ts'

export const environment: NewRun['environment'] = {
  ...{ loadstoneVersion: '0.1.0', nodeVersion: 'v26.0.0', system: 'linux x64 6.1.0' },
  ...{ host: 'build-7', cpuModel: 'EPYC', cores: 4, memoryBytes: 8_000_000_000 },
  git: { commit: '0123456789abcdef', branch: 'main', dirty: true },
}

/** A run of the scenario 'shop' that begins; changed as the test needs. */
export function newRun(id: string, change: Partial<NewRun> = {}, plan: Partial<TestPlan> = {}) {
  const scenarios = [plainScenario({ name: 'shop' })]
  return {
    ...{ id, startedAtUnixMs: 1_700_000_000_000, environment },
    plan: plainPlan({ workers: 3, scenarios, ...plan }),
    scenarios: [{ scenario: 'shop', model: 'open' as const }],
    ...change,
  }
}

/** What the controller hands out while a run goes on. */
export type Told = { readonly second: RunSecond } | { readonly late: WindowData }

/**
 * What the controller makes of these windows, and what it hands out meanwhile. They arrive in the
 * order of `arrivesAt`, by default of their seconds.
 */
export function measured(
  run: NewRun,
  windows: readonly WindowData[],
  endUs: number,
  arrivesAt: (window: WindowData) => number = ({ index }) => index,
) {
  const told: Told[] = []
  const { plan, scenarios } = run
  const accumulator = new RunAccumulator({
    workers: Array.from({ length: plan.workers }, (_, worker) => worker),
    scenarios,
    thresholds: plan.thresholds,
    warmUpUs: plan.warmUpUs,
    onSecond: second => {
      if (second.windows.length > 0) told.push({ second: second.second })
    },
    onLate: late => told.push({ late }),
  })
  for (const window of windows.toSorted((a, b) => arrivesAt(a) - arrivesAt(b))) {
    accumulator.add(window)
  }
  for (let worker = 0; worker < plan.workers; worker += 1) accumulator.workerEnded(worker)
  const facts = {
    ...{ id: run.id, script: plan.script, seed: plan.seed, tags: plan.tags },
    ...{ startedAtUnixMs: run.startedAtUnixMs, durationUs: endUs, loadstoneVersion: '0.1.0' },
    ...({ endState: 'finished', endReason: undefined, refusedHost: undefined } as const),
    model: 'open' as const,
  }
  const scriptErrors = [{ scenario: 'shop', message: 'a.ts:1:1: Error: no', count: 2 }]
  const warnings = ['Something to know.']
  const summary = accumulator.summary({ facts, scriptErrors, warnings })
  const seconds = told.flatMap(one => ('second' in one ? [one.second] : []))
  return { told, seconds, summary }
}

/** Writes all of it and ends the run. */
export async function writeRun(
  writer: RunWriter,
  { told, summary }: ReturnType<typeof measured>,
): Promise<void> {
  for (const one of told) {
    if ('second' in one) writer.append(one.second)
    else writer.amend(one.late)
  }
  await writer.end(summary, 'pass')
}

/** A summary as plain data, histograms by their content: for comparing. */
export function plain(summary: RunSummary): unknown {
  return JSON.parse(
    JSON.stringify(summary, (_key, value: unknown) =>
      value instanceof Histogram ? [value.sumUs, ...value.buckets()] : value,
    ),
  )
}
