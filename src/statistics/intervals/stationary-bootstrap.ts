import type { Random } from '../../base/index.ts'

/**
 * Draws a resample of as many values as `indexes` is long, 1 or more: fills it with which value
 * stands at each place. Neighbours are kept together: blocks begin anywhere, run on around the end,
 * and have geometrically distributed lengths with the given mean (1 or more). Source: Politis &
 * Romano, "The stationary bootstrap", JASA 1994.
 */
export function resample(
  indexes: Uint32Array,
  { random, meanBlockLength }: { readonly random: Random; readonly meanBlockLength: number },
): void {
  const count = indexes.length
  const endsBlock = 1 / meanBlockLength
  let index = 0
  for (let i = 0; i < count; i++) {
    if (i === 0 || random.float() < endsBlock) index = Math.floor(random.float() * count)
    else if (++index === count) index = 0
    indexes[i] = index
  }
}

/**
 * Mean block length for `count` values whose neighbours hardly depend on each other: the cube root
 * of the count, whole, at least 1. The rate n^(1/3) is the optimal one for variances (Politis &
 * White, "Automatic block-length selection for the dependent bootstrap", 2004); its factor is set
 * to 1 because a dozen values cannot tell it.
 */
export const blockLengthFor = (count: number): number => Math.max(1, Math.round(Math.cbrt(count)))
