import { seededRandom } from '../../base/index.ts'
import type { ComparisonSettings, Measure, Verdict } from '../comparison/comparison.ts'
import { compareRuns } from '../comparison/compare-runs.ts'
import { queueSource } from './queue-source.ts'
import { normal, queueRun, type QueueOptions } from './queue.ts'

export interface TrialOptions {
  readonly pairs: number
  readonly base: Omit<QueueOptions, 'stream'>
  /** What the candidate has that the base has not; nothing for an A/A trial. */
  readonly candidate?: Partial<QueueOptions>
  /** How much runs differ as a whole, standard deviations of logarithms. @default not at all */
  readonly runNoise?: { readonly p50: number; readonly p99: number }
  readonly settings?: Partial<ComparisonSettings>
}

export interface TrialResult {
  /** Verdicts of whole comparisons. */
  readonly verdicts: Readonly<Record<Verdict, number>>
  readonly byMeasure: ReadonlyMap<Measure, Readonly<Record<Verdict, number>>>
}

/** Compares many pairs of independent simulated runs and counts the verdicts. */
export function trial(options: TrialOptions): TrialResult {
  const verdicts = noVerdicts()
  const byMeasure = new Map<Measure, Record<Verdict, number>>()
  for (let pair = 0; pair < options.pairs; pair++) {
    const base = runOf(options, `base ${pair}`, {})
    const candidate = runOf(options, `candidate ${pair}`, options.candidate ?? {})
    const compared = compareRuns({ base: [base], candidate: [candidate] }, options.settings)
    verdicts[compared.verdict] += 1
    for (const { measure, verdict } of compared.overall.measures) {
      const counts = byMeasure.get(measure) ?? noVerdicts()
      counts[verdict] += 1
      byMeasure.set(measure, counts)
    }
  }
  return { verdicts, byMeasure }
}

const noVerdicts = () => ({ regressed: 0, improved: 0, equivalent: 0, inconclusive: 0 })

function runOf(options: TrialOptions, stream: string, extra: Partial<QueueOptions>) {
  const noise = options.runNoise ?? { p50: 0, p99: 0 }
  const random = seededRandom(options.base.seed, `${stream} as a whole`)
  const medianUs = medianOfQueueUs(options.base)
  const run = queueRun({
    ...options.base,
    stream,
    factor: Math.exp(noise.p50 * normal(random)),
    stretchFromUs: medianUs,
    tailExponent: (tailNoise(noise) / logTail) * normal(random),
    ...extra,
  })
  return { overall: queueSource(run), names: new Map() }
}

/** ln(p99 / p50) of the exponential distribution, which an M/M/1 queue's latencies have. */
const logTail = Math.log(Math.log(100) / Math.log(2))

/** What p99 varies by beyond what it shares with p50. */
const tailNoise = ({ p50, p99 }: { readonly p50: number; readonly p99: number }) =>
  Math.sqrt(Math.max(0, p99 ** 2 - p50 ** 2))

/** Median latency of an M/M/1 queue: ln 2 / (service rate - arrival rate). */
export function medianOfQueueUs({ serviceUs, arrivalsPerSecond, servers = 1 }: QueueTimes): number {
  const utilisation = (arrivalsPerSecond * serviceUs) / 1e6 / servers
  return (serviceUs / (1 - utilisation)) * Math.LN2
}

type QueueTimes = Pick<QueueOptions, 'serviceUs' | 'arrivalsPerSecond' | 'servers'>
