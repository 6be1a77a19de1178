import { SeededDice } from '../../kit/seeded-dice.ts'

/** How often each second is in one resample. */
export type Weights = Uint16Array

/**
 * Resamples of the seconds of several parts, one after the other; each part keeps its length. Runs
 * of neighbours are drawn together (circular blocks): what happens in one second goes on in the
 * next.
 */
export function resamples(
  parts: readonly number[],
  { count, seed }: { readonly count: number; readonly seed: number },
): Weights[] {
  const dice = new SeededDice()
  return Array.from({ length: count }, () =>
    Uint16Array.from(parts.flatMap(length => [...resampled(length, () => dice.roll(seed))])),
  )
}

function resampled(length: number, next: () => number): Weights {
  const weights = new Uint16Array(length)
  const blockSeconds = Math.max(2, Math.round(Math.cbrt(length)))
  let block = 0
  for (let drawn = 0; drawn < length; drawn++) {
    if (drawn % blockSeconds === 0) block = Math.floor(next() * length)
    weights[(block + (drawn % blockSeconds)) % length]! += 1
  }
  return weights
}

/** Standard deviation of what resamples gave; what is not a number is left out. */
export function spread(values: readonly number[]): number {
  const known = values.filter(Number.isFinite)
  if (known.length < 2) return 0
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (known.length - 1))
}
