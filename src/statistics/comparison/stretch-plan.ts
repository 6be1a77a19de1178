import type { LatencyMeasure, Measure, Reason, StretchFacts } from './comparison.ts'
import type { TestedEffect } from '../effects/latency-effect.ts'
import {
  correlationSeconds,
  secondsOf,
  stretchesMin,
  stretchTimes,
  sum,
  usualLength,
  type SteadyPart,
} from './stretches.ts'

/** One name on both sides. */
export interface MeasuredPair {
  readonly name: string
  readonly base: readonly SteadyPart[]
  readonly candidate: readonly SteadyPart[]
  /** Which side is not steady and why; undefined when both are. */
  readonly unsteady: string | undefined
}

/** A measure before it is judged together with all others. */
export interface TestedMeasure {
  readonly measure: Measure
  readonly base: number
  readonly candidate: number
  readonly tolerance: number
  /** Undefined when there was too little to test. */
  readonly tested: TestedEffect | undefined
  /** Why there is no test, or only one for differences that leave no doubt. */
  readonly reason: Reason | undefined
  readonly stretches: StretchFacts
}

/** What decides how long the stretches of a pair are. */
export interface StretchPlan {
  /** At least this long, s, to be independent of each other. */
  readonly independentSeconds: number
  /** What gives about 24 of them, s. */
  readonly usualSeconds: number
  /** s of the side that has less. */
  readonly shorterSeconds: number
  /** Exchanges per second of the side that has fewer. */
  readonly perSecond: number
}

export function stretchPlan({ base, candidate }: MeasuredPair): StretchPlan {
  const times = [...base, ...candidate].map(correlationSeconds)
  return {
    independentSeconds: Math.ceil((stretchTimes * sum(times)) / times.length),
    usualSeconds: usualLength(base, candidate),
    shorterSeconds: Math.min(sum(base.map(secondsOf)), sum(candidate.map(secondsOf))),
    perSecond: Math.min(ratePerSecond(base), ratePerSecond(candidate)),
  }
}

function ratePerSecond(parts: readonly SteadyPart[]): number {
  const counts = parts.map(part => part.source.merged(part.fromSecond, part.toSecond).count)
  return sum(counts) / Math.max(1, sum(parts.map(secondsOf)))
}

/** Why a pair is too short for stretches of `seconds`; undefined when it is not. */
export function shortage(
  plan: StretchPlan,
  { measure, seconds }: { readonly measure: LatencyMeasure; readonly seconds: number },
): Reason | undefined {
  const needed = stretchesMin * seconds
  if (plan.shorterSeconds >= needed) return undefined
  const purpose =
    seconds > plan.independentSeconds ? `enough samples of ${measure}` : 'independent values'
  const words =
    `${purpose} take ${stretchesMin} stretches of ${seconds} s, ${needed} s after the warm-up; ` +
    `there are ${plan.shorterSeconds} s`
  return { code: 'too short', words }
}

export const noSamples: Reason = { code: 'no samples', words: 'one side has no samples' }
