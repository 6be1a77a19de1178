/**
 * Budget: of pairs of runs that do not differ, at most 5 % get the verdict 'regressed' or
 * 'improved' (any measure), and the upper 95 % limit of that share (Wilson) is at most 9 %.
 *
 * The runs are simulated queues (random arrivals at a constant rate, M/M/1 unless said otherwise, 5
 * ms mean service, 300 s): their latencies depend on each other as those of a real service do.
 * Requests that take more than 5.3 times the mean latency fail, in A/A pairs. The remaining rows
 * say how often a true difference is found; 'assumed' means that runs differ by the default 3 %
 * (p50) to 8 % (p99) and the comparison assumes so, 'known' that they differ by 1 %, as an A/A
 * history would tell, 'none' that they do not and the comparison knows it.
 */
import { wilson, type ComparisonSettings } from '../src/statistics/index.ts'
import type { QueueOptions } from '../src/statistics/testing/queue.ts'
import { medianOfQueueUs, trial, type TrialResult } from '../src/statistics/testing/trial.ts'
import { informs, withinBudget, type Bench, type BenchOptions, type Row } from './rig/bench.ts'

const falsePercent = 5
const falseUpperPercent = 9
const serviceUs = 5000
const utilisations = [0.5, 0.8] as const
const changes = [0.05, 0.1, 0.2] as const

/** How much runs differ as a whole, and what the comparison takes for it. */
interface RunNoise {
  readonly name: string
  readonly p50: number
  readonly p99: number
  readonly settings: Partial<ComparisonSettings>
}

const sameFor = (deviation: number) => {
  const runToRun = { deviation, freedom: Infinity }
  const shares = { errors: runToRun, drops: runToRun }
  return { runToRun: { p50: runToRun, p95: runToRun, p99: runToRun, ...shares } }
}
const none: RunNoise = { name: 'none', p50: 0, p99: 0, settings: sameFor(0) }
const known: RunNoise = { name: 'known', p50: 0.01, p99: 0.01, settings: sameFor(0.01) }
const assumed: RunNoise = { name: 'assumed', p50: 0.03, p99: 0.08, settings: {} }

type Queue = Omit<QueueOptions, 'stream'>

function queue(utilisation: number, tiny: boolean, more: Partial<Queue> = {}): Queue {
  const servers = more.servers ?? 1
  const arrivalsPerSecond = (servers * utilisation * 1e6) / serviceUs
  return { seed: 20, seconds: tiny ? 80 : 300, arrivalsPerSecond, serviceUs, ...more }
}

const meanUs = (utilisation: number) => serviceUs / (1 - utilisation)

interface SamePairs {
  readonly name: string
  readonly base: Queue
  readonly noise: RunNoise
}

function samePairs(tiny: boolean): SamePairs[] {
  return utilisations.flatMap(utilisation => {
    const failAboveUs = 5.3 * meanUs(utilisation)
    const base = queue(utilisation, tiny, { failAboveUs })
    const servers = queue(utilisation, tiny, { servers: 4, logDeviation: 1 })
    const cold = queue(utilisation, tiny, { coldFactor: 1.2 / utilisation })
    const at = `A/A at ${utilisation}`
    return [
      { name: `${at}, run-to-run none`, base, noise: none },
      { name: `${at}, run-to-run assumed`, base, noise: assumed },
      { name: `${at}, M/G/4 lognormal`, base: servers, noise: none },
      { name: `${at}, cold start`, base: cold, noise: none },
    ]
  })
}

const different = ({ regressed, improved }: TrialResult['verdicts']) => regressed + improved

function falseRows({ name, base, noise }: SamePairs, pairs: number): Row[] {
  const { verdicts } = trial({ pairs, base, runNoise: noise, settings: noise.settings })
  const wrong = different(verdicts)
  const upper = wilson(wrong, pairs).high
  const share = (100 * wrong) / pairs
  return [
    withinBudget({ name: `${name}: false`, unit: '%', measured: share }, { atMost: falsePercent }),
    withinBudget(
      { name: `${name}: upper limit`, unit: '%', measured: 100 * upper },
      { atMost: falseUpperPercent },
    ),
  ]
}

interface Difference {
  readonly name: string
  readonly base: Queue
  readonly candidate: Partial<Queue>
}

function differences(tiny: boolean): Difference[] {
  return utilisations.flatMap(utilisation => {
    const base = queue(utilisation, tiny)
    const shiftUs = medianOfQueueUs(base)
    return [
      { name: `same at ${utilisation}`, base, candidate: {} },
      ...changes.map(change => ({
        name: `service +${change * 100} % at ${utilisation}`,
        base,
        candidate: { serviceUs: serviceUs * (1 + change) },
      })),
      ...changes.map(change => ({
        name: `latency +${change * 100} % of p50 at ${utilisation}`,
        base,
        candidate: { shiftUs: shiftUs * change },
      })),
    ]
  })
}

function powerRows({ name, base, candidate }: Difference, noise: RunNoise, pairs: number): Row[] {
  const found = trial({ pairs, base, candidate, runNoise: noise, settings: noise.settings })
  const p50 = found.byMeasure.get('p50')!
  const percent = (count: number) => (100 * count) / pairs
  const title = `${name}, ${noise.name}`
  return [
    informs({
      name: `${title}: regressed`,
      unit: '%',
      measured: percent(found.verdicts.regressed),
    }),
    informs({ name: `${title}: p50 regressed`, unit: '%', measured: percent(p50.regressed) }),
    informs({ name: `${title}: p50 equivalent`, unit: '%', measured: percent(p50.equivalent) }),
  ]
}

async function run({ tiny, say }: BenchOptions) {
  const rows: Row[] = []
  for (const same of samePairs(tiny)) {
    say(same.name)
    rows.push(...falseRows(same, tiny ? 2 : 500))
  }
  for (const difference of differences(tiny)) {
    say(difference.name)
    for (const noise of [assumed, known, none]) {
      rows.push(...powerRows(difference, noise, tiny ? 1 : 200))
    }
  }
  return { kind: 'measured' as const, rows, notes: [] }
}

export const comparison: Bench = {
  name: 'comparison',
  budget: 'of pairs of equal runs at most 5 % get a verdict other than equal (upper limit 9 %)',
  run,
}
