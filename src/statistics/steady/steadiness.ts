import { driftOf } from './drift.ts'
import { levelsOf, type Level } from './levels.ts'
import { mser5 } from './mser.ts'

/** One second of a run, all exchanges together. */
export interface SecondFigures {
  readonly count: number
  /** Mean latency of the second, µs; ignored when count is 0. */
  readonly meanUs: number
}

export type SteadyKind = 'steady' | 'slow drift' | 'oscillating' | 'no steady state'

/** What a run did once it was warm. Seconds count from the first one given. */
export interface Steadiness {
  readonly kind: SteadyKind
  /** The part that is neither warm-up nor tail: [fromSecond, toSecond). */
  readonly fromSecond: number
  readonly toSecond: number
  /** Lasting changes of the mean latency within that part, at least 5 % each. */
  readonly changes: readonly LevelChange[]
  /** Last over first latency of that part by a straight line through its logarithms; 1 is none. */
  readonly driftRatio: number
  /** One sentence for people, such as 'latency rose by 23 % at 143 s'. */
  readonly words: string
}

export interface LevelChange {
  readonly atSecond: number
  /** New level over old level. */
  readonly ratio: number
}

/** Changes smaller than this ratio do not matter. */
const leastRatio = 1.05
const leastStep = Math.log(leastRatio)

/**
 * Finds the steady part of a run and says how steady it is.
 *
 * 1. Warm-up ends where MSER-5 says, of log mean latency and of throughput: the later one. If its
 *    best cut of latency is at half of the run, the whole run is looked at; if nothing is found
 *    there although the halves differ by 5 %: 'no steady state'.
 * 2. Levels of the rest by ED-PELT; changes below 5 % are ignored. If the last level fills at least
 *    half of the rest, what came before it was warm-up too.
 * 3. No change left: 'slow drift' if the 99 % interval of the Theil-Sen slope is on one side of 0
 *    and the drift is at least 5 %, else 'steady'. Two or more changes in one direction: 'slow
 *    drift'. Two turns, or one and back by at least half: 'oscillating'.
 *    Else 'no steady state'.
 *
 * A second without exchanges takes the latency of the one before. Seconds at the end with less than
 * half of the usual exchanges (the run's last, incomplete one) are left out. Fewer than 20 seconds,
 * or nothing but empty ones: 'no steady state'.
 */
export function steadinessOf(seconds: readonly SecondFigures[]): Steadiness {
  const toSecond = endOfLoad(seconds)
  const logs = logLatencies(seconds.slice(0, toSecond))
  const rates = Float64Array.from(seconds.slice(0, toSecond), second => second.count)
  if (logs === undefined || toSecond < 20) {
    return none({ fromSecond: 0, toSecond }, 'less than 20 seconds were measured')
  }
  const byLatency = mser5(logs)
  const byRate = mser5(rates)
  const fromSecond = Math.max(byLatency.steady ? byLatency.warmUp : 0, byRate.warmUp)
  const rest = logs.subarray(fromSecond)
  const found = ofRest(rest, { fromSecond, toSecond })
  if (byLatency.steady || found.kind !== 'steady' || !halvesDiffer(rest)) return found
  return none({ fromSecond, toSecond }, 'the warm-up lasted for half of the run or longer')
}

function ofRest(rest: Float64Array, part: Part): Steadiness {
  const levels = levelsOf(rest, leastStep)
  const last = levels.at(-1)!
  if (last.to - last.from < rest.length / 2) return onLevels(levels, part)
  return onOneLevel(rest.subarray(last.from), part.fromSecond + last.from)
}

interface Part {
  readonly fromSecond: number
  readonly toSecond: number
}

const none = (part: Part, words: string): Steadiness => ({
  ...part,
  kind: 'no steady state',
  changes: [],
  driftRatio: 1,
  words,
})

function onOneLevel(logs: Float64Array, fromSecond: number): Steadiness {
  const part = { fromSecond, toSecond: fromSecond + logs.length }
  const drift = driftOf(logs)
  const driftRatio = Math.exp(drift.total)
  const drifts = (drift.low > 0 || drift.high < 0) && Math.abs(drift.total) >= leastStep
  if (!drifts) return { ...part, kind: 'steady', changes: [], driftRatio, words: 'steady' }
  const words = `latency drifted by ${percentText(driftRatio)} over ${logs.length} s`
  return { ...part, kind: 'slow drift', changes: [], driftRatio, words }
}

function onLevels(levels: readonly Level[], part: Part): Steadiness {
  const changes = levels.slice(1).map((level, i) => ({
    atSecond: part.fromSecond + level.from,
    ratio: Math.exp(level.height - levels[i]!.height),
  }))
  const heights = levels.map(level => level.height)
  const net = heights.at(-1)! - heights[0]!
  const facts = { ...part, changes, driftRatio: Math.exp(net) }
  const turns = changes.slice(1).filter((one, i) => one.ratio > 1 !== changes[i]!.ratio > 1).length
  if (turns === 0 && changes.length >= 2) {
    const words = `latency drifted by ${percentText(facts.driftRatio)} in ${changes.length} steps`
    return { ...facts, kind: 'slow drift', words }
  }
  const returns = Math.abs(net) <= (Math.max(...heights) - Math.min(...heights)) / 2
  if (turns >= 2 || (turns === 1 && returns)) {
    const words = `latency went up and down ${changes.length} times`
    return { ...facts, kind: 'oscillating', words }
  }
  const steps = changes.map(({ ratio, atSecond }) => `by ${percentText(ratio)} at ${atSecond} s`)
  return { ...facts, kind: 'no steady state', words: `latency changed ${steps.join(' and ')}` }
}

/** '+23 %', '-4 %'. */
function percentText(ratio: number): string {
  const percent = Math.round((ratio - 1) * 100)
  return `${percent > 0 ? '+' : ''}${percent} %`
}

/** Index after the last second with at least half of the usual count; 0 when all are empty. */
function endOfLoad(seconds: readonly SecondFigures[]): number {
  const counts = seconds.map(second => second.count).filter(count => count > 0)
  const usual = counts.sort((a, b) => a - b)[counts.length >> 1] ?? Infinity
  return seconds.findLastIndex(second => second.count >= usual / 2) + 1
}

function logLatencies(seconds: readonly SecondFigures[]): Float64Array | undefined {
  const first = seconds.find(second => second.count > 0)
  if (first === undefined) return undefined
  let latest = first.meanUs
  return Float64Array.from(seconds, ({ count, meanUs }) => {
    if (count > 0) latest = meanUs
    // A mean of 0 µs has no logarithm; nothing on a network takes less than a ns.
    return Math.log(Math.max(latest, 1e-3))
  })
}

function halvesDiffer(logs: Float64Array): boolean {
  const middle = logs.length >> 1
  const mean = (part: Float64Array) => part.reduce((sum, log) => sum + log, 0) / part.length
  return Math.abs(mean(logs.subarray(0, middle)) - mean(logs.subarray(middle))) >= leastStep
}
