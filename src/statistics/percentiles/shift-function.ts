import { z95 } from '../intervals/wilson.ts'
import { percentileWithError, type Bucket } from './harrell-davis.ts'

/** How much slower the candidate is at one decile. */
export interface DecileShift {
  /** 10, 20 ... 90. */
  readonly percent: number
  readonly baseUs: number
  readonly candidateUs: number
  /** candidate / base, with a 95 % interval. */
  readonly ratio: number
  readonly low: number
  readonly high: number
}

export interface Distribution {
  /** Smallest value first. */
  readonly buckets: readonly Bucket[]
  /** Number of independent samples they are worth, above 0. */
  readonly effectiveSamples: number
}

const deciles = [10, 20, 30, 40, 50, 60, 70, 80, 90] as const

/**
 * The whole distributions compared: every decile of the candidate over the same one of the base.
 * Deciles by Harrell-Davis with Maritz-Jarrett errors (shift function: K. Doksum 1974; R. Wilcox,
 * "Introduction to robust estimation and hypothesis testing", section 5.1); the interval of the
 * ratio by the delta method on logarithms. A picture, not a verdict: it knows nothing of how
 * runs differ from each other. Empty when a side has no samples.
 */
export function shiftFunction(base: Distribution, candidate: Distribution): DecileShift[] {
  if (base.buckets.length === 0 || candidate.buckets.length === 0) return []
  return deciles.map(percent => {
    const from = percentileWithError(base.buckets, percent, base.effectiveSamples)
    const to = percentileWithError(candidate.buckets, percent, candidate.effectiveSamples)
    const ratio = to.valueUs / from.valueUs
    const width = Math.exp(z95 * Math.hypot(from.errorUs / from.valueUs, to.errorUs / to.valueUs))
    return {
      percent,
      baseUs: from.valueUs,
      candidateUs: to.valueUs,
      ratio,
      low: ratio / width,
      high: ratio * width,
    }
  })
}
