import { autocorrelationTime } from '../steady/autocorrelation.ts'
import type { Loads } from './comparison.ts'
import { secondsOf, sum, type SteadyPart } from './stretches.ts'

/** A difference of loads must be this many standard errors to be more than chance: 99 %. */
const certainly = 2.576

export interface LoadSide {
  /** All names of each run of the side. */
  readonly parts: readonly SteadyPart[]
  /** Mean over runs; undefined under an arrival rate. */
  readonly closedUsers: number | undefined
}

/**
 * Whether both sides had the same load. Users are compared if both sides have them; exchanges per
 * second always: they differ if by more than `tolerance` (a ratio) and by more than chance, which
 * under random arrivals is a few per cent in a short run.
 */
export function compareLoads(base: LoadSide, candidate: LoadSide, tolerance: number): Loads {
  if (base.closedUsers !== undefined && candidate.closedUsers !== undefined) {
    const ratio = candidate.closedUsers / base.closedUsers
    if (differs(ratio, tolerance)) {
      const words = wordsFor(ratio, `${base.closedUsers} and ${candidate.closedUsers} users`)
      return { matched: false, ratio, words }
    }
  }
  const from = rateOf(base.parts)
  const to = rateOf(candidate.parts)
  const ratio = to.perSecond / from.perSecond
  const error = Math.hypot(from.error / from.perSecond, to.error / to.perSecond)
  const rates = `${rateText(from.perSecond)} and ${rateText(to.perSecond)} requests/s`
  const matched = !differs(ratio, tolerance) || Math.abs(Math.log(ratio)) <= certainly * error
  return { matched, ratio, words: matched ? `same load: ${rates}` : wordsFor(ratio, rates) }
}

const differs = (ratio: number, tolerance: number) =>
  !(Math.abs(Math.log(ratio)) <= Math.log(1 + tolerance))

function wordsFor(ratio: number, figures: string): string {
  if (!Number.isFinite(ratio)) return 'the loads cannot be compared: one side measured nothing'
  const percent = Number(Math.abs((ratio - 1) * 100).toPrecision(2))
  return `the candidate had ${percent} % ${ratio > 1 ? 'more' : 'less'} load: ${figures}`
}

const rateText = (perSecond: number) =>
  perSecond >= 100 ? String(Math.round(perSecond)) : String(Number(perSecond.toPrecision(3)))

function rateOf(parts: readonly SteadyPart[]) {
  const perPart = parts.map(part => {
    const counts = Array.from(
      { length: secondsOf(part) },
      (_, i) => part.source.merged(part.fromSecond + i, part.fromSecond + i + 1).count,
    )
    const mean = sum(counts) / counts.length
    const squares = sum(counts.map(count => (count - mean) ** 2))
    const variance = (squares / Math.max(1, counts.length - 1)) * autocorrelationTime(counts)
    return { seconds: counts.length, all: sum(counts), variance: variance * counts.length }
  })
  const seconds = sum(perPart.map(part => part.seconds))
  return {
    perSecond: sum(perPart.map(part => part.all)) / seconds,
    error: Math.sqrt(sum(perPart.map(part => part.variance))) / seconds,
  }
}
