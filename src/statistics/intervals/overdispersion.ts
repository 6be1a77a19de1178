/** Hits and totals of the parts of one run. */
export interface PartCounts {
  readonly hits: ArrayLike<number>
  readonly totals: ArrayLike<number>
}

/**
 * How much more the share of hits varies between parts of a run than independent draws would:
 * Pearson's chi-square over its degrees of freedom, sum (hits - n p)^2 / (n p (1 - p)) over parts -
 * 1, where p is the share of all (McCullagh & Nelder, "Generalized Linear Models", 1989, section
 * 4.5). At least 1. Dividing hits and total by it gives effective numbers: this is how failures
 * that come in bursts are kept from counting as so many separate ones. 1 when there is nothing to
 * tell from: fewer than two parts with samples, no hits, nothing but hits.
 */
export function overdispersion(counts: PartCounts): number {
  const { chiSquare, freedom } = dispersion(counts)
  return freedom < 1 ? 1 : Math.max(1, chiSquare / freedom)
}

/** Pearson's chi-square against one share for all parts; freedom 0 when there is none. */
export function dispersion({ hits, totals }: PartCounts): { chiSquare: number; freedom: number } {
  let hitsOfAll = 0
  let all = 0
  for (let i = 0; i < totals.length; i++) {
    hitsOfAll += hits[i]!
    all += totals[i]!
  }
  const share = all > 0 ? hitsOfAll / all : 0
  if (share <= 0 || share >= 1) return { chiSquare: 0, freedom: 0 }
  let chiSquare = 0
  let parts = 0
  for (let i = 0; i < totals.length; i++) {
    if (totals[i]! <= 0) continue
    const expected = totals[i]! * share
    chiSquare += (hits[i]! - expected) ** 2 / (expected * (1 - share))
    parts += 1
  }
  return { chiSquare, freedom: parts - 1 }
}
