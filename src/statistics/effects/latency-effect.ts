import { seededRandom, type Random } from '../../base/index.ts'
import { blockLengthFor, resample } from '../intervals/stationary-bootstrap.ts'
import { hodgesLehmann, hodgesLehmannOfDraws } from '../robust/hodges-lehmann.ts'
import { studentCdf, studentQuantile } from '../special/student.ts'
import type { RunToRun } from './run-to-run.ts'

/** Logarithms of one percentile: one list for each run of the side, one value a stretch. */
export interface LatencySides {
  readonly base: readonly Float64Array[]
  readonly candidate: readonly Float64Array[]
}

export interface EffectOptions {
  readonly runToRun: RunToRun
  /** Difference that does not matter, as a ratio: 0.05 is 5 %. */
  readonly tolerance: number
  readonly resamples: number
  readonly seed: number
  /** Name of the random numbers' stream: another one for each test. */
  readonly stream: string
}

/** A difference with its 95 % interval: ratios for latency, shares (0.01 is 1 pp) for the rest. */
export interface Effect {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** A tested difference. */
export interface TestedEffect {
  readonly effect: Effect
  /** Two-sided, of no difference. */
  readonly p: number
  /** Of a difference at or beyond the tolerance: the larger one of both sides (TOST). */
  readonly equivalenceP: number
  /** Share of the squared error that comes from how runs differ, 0..1. */
  readonly runShare: number
}

/**
 * Ratio of a latency percentile, candidate to base, with a 95 % interval and two tests.
 *
 * Value: Hodges-Lehmann of the logarithms of all stretches. Error: stationary bootstrap within each
 * run, squared, times n / (n - block length) because so few stretches vary too little; plus what
 * runs of the same thing differ by, s^2 (1 / runs of base + 1 / runs of candidate). Student's t
 * with Welch-Satterthwaite degrees of freedom. Equivalence: two one-sided tests (Schuirmann 1987),
 * symmetric on the logarithm: between 1 / (1 + tolerance) and 1 + tolerance.
 */
export function latencyEffect(sides: LatencySides, options: EffectOptions): TestedEffect {
  const shift = hodgesLehmann(joined(sides.base), joined(sides.candidate))
  const windowVariance = bootstrapVariance(sides, options)
  const { deviation, freedom: runFreedom } = options.runToRun
  const runVariance = deviation ** 2 * (1 / sides.base.length + 1 / sides.candidate.length)
  const variance = windowVariance + runVariance
  const error = Math.max(Math.sqrt(variance), 1e-9)
  const spread = windowVariance ** 2 / windowFreedom(sides) + runVariance ** 2 / runFreedom
  const freedom = spread > 0 ? variance ** 2 / spread : Infinity
  const limit = Math.log(1 + options.tolerance)
  const width = studentQuantile(0.975, freedom) * error
  return {
    effect: {
      value: Math.exp(shift),
      low: Math.exp(shift - width),
      high: Math.exp(shift + width),
    },
    p: 2 * studentCdf(-Math.abs(shift) / error, freedom),
    equivalenceP: studentCdf((Math.abs(shift) - limit) / error, freedom),
    runShare: variance > 0 ? runVariance / variance : 0,
  }
}

const joined = (runs: readonly Float64Array[]) => Float64Array.from(runs.flatMap(run => [...run]))

/** Independent blocks of both sides, less their two means. */
function windowFreedom({ base, candidate }: LatencySides): number {
  const blocks = [...base, ...candidate].map(run => run.length / blockLengthFor(run.length))
  return Math.max(1, blocks.reduce((sum, count) => sum + count, 0) - 2)
}

function bootstrapVariance(sides: LatencySides, options: EffectOptions): number {
  const random = seededRandom(options.seed, options.stream)
  const shiftOf = hodgesLehmannOfDraws(joined(sides.base), joined(sides.candidate))
  const base = resamplesOf(sides.base, random)
  const candidate = resamplesOf(sides.candidate, random)
  let mean = 0
  let squares = 0
  for (let i = 1; i <= options.resamples; i++) {
    const shift = shiftOf(base(), candidate())
    const step = shift - mean
    mean += step / i
    squares += step * (shift - mean)
  }
  const fewest = Math.min(...[...sides.base, ...sides.candidate].map(run => run.length))
  const small = fewest / Math.max(1, fewest - blockLengthFor(fewest))
  return (squares / (options.resamples - 1)) * small
}

/**
 * Resamples of a side, each of its runs by itself: how often each value is in the next one. The
 * list is overwritten by the one after.
 */
function resamplesOf(runs: readonly Float64Array[], random: Random): () => Uint32Array {
  const indexes = runs.map(run => new Uint32Array(run.length))
  const times = new Uint32Array(runs.reduce((sum, run) => sum + run.length, 0))
  return () => {
    times.fill(0)
    let first = 0
    for (const ofRun of indexes) {
      resample(ofRun, { random, meanBlockLength: blockLengthFor(ofRun.length) })
      for (let i = 0; i < ofRun.length; i++) times[first + ofRun[i]!]! += 1
      first += ofRun.length
    }
    return times
  }
}
