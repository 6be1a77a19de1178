import { textHash } from '../../kit/text-hash.ts'

/** A product that was bought together with another one. */
export interface Candidate {
  readonly sku: string
  /** How often. */
  readonly times: number
}

export interface Ranked {
  readonly sku: string
  /** 0..1, the best of a list has 1. */
  readonly score: number
}

/**
 * The best candidates first, as many as wanted. Their weight spreads over what they have in common
 * in `rounds` rounds of arithmetic: the time grows with the rounds and with the candidates squared.
 */
export function ranked(
  candidates: readonly Candidate[],
  options: { readonly rounds: number; readonly limit: number },
): Ranked[] {
  const start = candidates.map(one => one.times)
  let weights = start
  for (let round = 0; round < options.rounds; round += 1) {
    const sum = weights.reduce((total, weight) => total + weight, 0)
    weights = weights.map((weight, index) => {
      const fromOthers = weights.reduce(
        (total, other, at) => (at === index ? total : total + other / (1 + Math.abs(at - index))),
        0,
      )
      return 0.85 * (start[index] ?? 0) + (0.15 * (weight + fromOthers)) / Math.max(1, sum)
    })
  }
  const best = Math.max(...weights, Number.MIN_VALUE)
  return candidates
    .map(({ sku }, index) => ({ sku, score: (weights[index] ?? 0) / best }))
    .sort((a, b) => b.score - a.score)
    .slice(0, options.limit)
}

/** A number that always belongs to the same text, 0 (included) to 1 (not included). */
export function placeOf(text: string): number {
  return textHash(text) / 2 ** 32
}
