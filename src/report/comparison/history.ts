import {
  blockLengthFor,
  compareRuns,
  defaultSettings,
  latencyMeasures,
  runToRunFrom,
  studentQuantile,
  type ComparedRun,
  type ComparisonSettings,
  type LatencyMeasure,
  type MeasureComparison,
  type SamePair,
} from '../../statistics/index.ts'

/** How much runs of the same thing differ, and who says so. */
export interface RunToRunFacts {
  readonly runToRun: ComparisonSettings['runToRun']
  /** Pairs of earlier runs it was measured from; 0 when it is assumed. */
  readonly pairs: number
  /** One sentence for the reader. */
  readonly words: string
}

/** So many pairs replace the assumed values; runToRunFrom has the same limit. */
const pairsMin = 5
const none = { deviation: 0, freedom: Infinity }
const within: Partial<ComparisonSettings> = {
  runToRun: { p50: none, p95: none, p99: none, errors: none, drops: none },
}

/** One pair of earlier runs under the same load, by percentile, as far as it could be compared. */
export type EarlierPair = Readonly<Partial<Record<LatencyMeasure, SamePair>>>

/**
 * How far two earlier runs of the same script are apart, all exchanges together. undefined when
 * their loads differ (then they are not the same thing), or when they are too short to tell.
 */
export function earlierPair(one: ComparedRun, other: ComparedRun): EarlierPair | undefined {
  const withoutNames = (run: ComparedRun) => [{ ...run, names: new Map() }]
  const runs = { base: withoutNames(one), candidate: withoutNames(other) }
  const { loads, overall } = compareRuns(runs, within)
  if (!loads.matched) return undefined
  const pairs = latencyMeasures.flatMap(measure => {
    const pair = samePair(overall.measures.find(row => row.measure === measure))
    return pair === undefined ? [] : [[measure, pair] as const]
  })
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs)
}

/** The interval's half width is Student's t times the error; its freedom is that of the blocks. */
function samePair(row: MeasureComparison | undefined): SamePair | undefined {
  if (row?.effect === undefined || row.reason?.code === 'not steady') return undefined
  const { low, high, value } = row.effect
  const { base, candidate } = row.stretches
  const blocks = base / blockLengthFor(base) + candidate / blockLengthFor(candidate)
  const width = Math.log(high / low) / 2
  const windowError = width / studentQuantile(0.975, Math.max(1, blocks - 2))
  return Number.isFinite(windowError) ? { logRatio: Math.log(value), windowError } : undefined
}

/** Measured from at least five pairs for each percentile, else the assumed values. */
export function runToRunOf(pairs: readonly EarlierPair[]): RunToRunFacts {
  const assumed = defaultSettings.runToRun
  const ofMeasure = (measure: LatencyMeasure) =>
    pairs.map(pair => pair[measure]).filter(pair => pair !== undefined)
  const measured = latencyMeasures.filter(measure => ofMeasure(measure).length >= pairsMin)
  const runToRun = {
    ...assumed,
    ...Object.fromEntries(
      measured.map(measure => [measure, runToRunFrom(ofMeasure(measure), assumed[measure])]),
    ),
  }
  const figures = latencyMeasures.map(measure => {
    const percent = Number((runToRun[measure].deviation * 100).toPrecision(2))
    const guessed = measured.length > 0 && !measured.includes(measure)
    return `${measure} ${percent} %${guessed ? ' (assumed)' : ''}`
  })
  const from =
    measured.length > 0
      ? `measured from ${pairs.length} pairs of earlier runs of the script`
      : `assumed; from ${pairsMin} pairs of earlier runs of the script on they are measured, ` +
        `there are ${pairs.length}`
  const words = `Runs of the same thing differ by ${figures.join(', ')} (${from}).`
  return { runToRun, pairs: measured.length > 0 ? pairs.length : 0, words }
}
