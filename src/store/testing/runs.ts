import { Histogram, RunAccumulator, secondOf, type RunSummary } from '../../metrics/index.ts'
import type { WindowData } from '../../metrics/index.ts'
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

/** What the controller makes of these windows, and the seconds that it hands out meanwhile. */
export function measured(run: NewRun, windows: readonly WindowData[], endUs: number) {
  const seconds: ReturnType<typeof secondOf>[] = []
  const { plan, scenarios } = run
  const accumulator = new RunAccumulator({
    workers: Array.from({ length: plan.workers }, (_, worker) => worker),
    scenarios,
    thresholds: plan.thresholds,
    warmUpUs: plan.warmUpUs,
    onSecond: second => {
      if (second.windows.length > 0) seconds.push(secondOf(second.windows))
    },
  })
  for (const window of windows.toSorted((a, b) => a.index - b.index)) accumulator.add(window)
  for (let worker = 0; worker < plan.workers; worker += 1) accumulator.workerEnded(worker)
  const facts = {
    ...{ id: run.id, script: plan.script, seed: plan.seed, tags: plan.tags },
    ...{ startedAtUnixMs: run.startedAtUnixMs, durationUs: endUs, loadstoneVersion: '0.1.0' },
    ...({ endState: 'finished', endReason: undefined, refusedHost: undefined } as const),
    model: 'open' as const,
  }
  const scriptErrors = [{ scenario: 'shop', message: 'a.ts:1:1: Error: no', count: 2 }]
  const warnings = ['Something to know.']
  return { seconds, summary: accumulator.summary({ facts, scriptErrors, warnings }) }
}

/** Writes all of it and ends the run. */
export async function writeRun(
  writer: RunWriter,
  { seconds, summary }: ReturnType<typeof measured>,
): Promise<void> {
  for (const second of seconds) writer.append(second)
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
