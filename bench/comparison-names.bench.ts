/**
 * Budget: comparing two runs of 500 names, 300 s each, takes at most 40 times as long as reading
 * every histogram of both runs once, in the order in which they lie in memory.
 *
 * Both are measured in turns in this process; the middle of the ratios counts.
 */
import { Histogram, type RunSecond } from '../src/metrics/index.ts'
import { compareRecorded } from '../src/report/index.ts'
import { recordedRun } from '../src/report/testing/compared-runs.ts'
import { median, ratioWithinBudget, type Bench, type BenchOptions } from './rig/bench.ts'

const ratioMost = 40

function runsOf(tiny: boolean) {
  const [names, seconds] = tiny ? [5, 60] : [500, 300]
  const meansUs = Object.fromEntries(
    Array.from({ length: names }, (_, i) => [`GET /${i}`, 5000 + 300 * (i % 50)]),
  )
  const shape = { seconds, perSecond: 30, meansUs }
  return [
    recordedRun({ ...shape, id: 'base' }),
    recordedRun({ ...shape, id: 'candidate' }),
  ] as const
}

/** Reads every bucket of every histogram, into one: what the input costs whatever is done. */
function readOnce(seconds: readonly RunSecond[]): number {
  const all = new Histogram()
  for (const { series } of seconds) for (const { latency } of series) all.mergeEncoded(latency)
  return all.count
}

function elapsedMs(work: () => unknown): number {
  const startedMs = performance.now()
  if (work() === undefined) throw new Error('nothing came of it')
  return performance.now() - startedMs
}

function run({ tiny, say }: BenchOptions) {
  const [base, candidate] = runsOf(tiny)
  const turns = Array.from({ length: tiny ? 1 : 7 }, (_, turn) => {
    say(`turn ${turn + 1}`)
    const readMs = elapsedMs(() => readOnce(base.seconds) + readOnce(candidate.seconds))
    const comparedMs = elapsedMs(() => compareRecorded(base, candidate))
    return { readMs, comparedMs, ratio: comparedMs / readMs }
  })
  const middle = (value: (turn: (typeof turns)[number]) => number) => median(turns.map(value))
  const figure = {
    ...{ name: 'comparing 500 names, and reading them', unit: 'ms' },
    measured: middle(turn => turn.comparedMs),
    reference: middle(turn => turn.readMs),
    ratio: middle(turn => turn.ratio),
  }
  const rows = [ratioWithinBudget(figure, { atMost: ratioMost })]
  return Promise.resolve({ kind: 'measured' as const, rows, notes: [] })
}

export const comparisonNames: Bench = {
  name: 'comparison-names',
  budget: `comparing 500 names takes at most ${ratioMost} times as long as reading them once`,
  run,
}
