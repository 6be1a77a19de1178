import { assert } from './errors.ts'

/** Seeded random draws. The same seed and stream give the same draws on every machine. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of randomness. */
  float(): number
  /** Uniform whole number in [min, max], both included. */
  int(min: number, max: number): number
  /** One element, uniformly. Throws on an empty list. */
  oneOf<T>(list: readonly T[]): T
  /** True with probability `ratio` (0..1). */
  chance(ratio: number): boolean
  /** A version 4 UUID made from the seed: unique within the run, the same in the next. */
  uuid(): string
  /** A new list with the same elements in random order. */
  shuffle<T>(list: readonly T[]): T[]
  /** Exponentially distributed with the given mean (same unit as `mean`), 0 or more. */
  exponential(mean: number): number
}

/**
 * A generator for `stream` (say 'user 17') of a run's `seed`. Streams are independent of each other,
 * so users draw the same values whatever the number of workers.
 * Source of the generator: sfc32, Chris Doty-Humphrey, PractRand; seeded by xmur3-style mixing.
 */
export function seededRandom(seed: number, stream: string): Random {
  const next = sfc32(`${seed}/${stream}`)
  const float = () => next() / 4294967296
  const int = (min: number, max: number) => {
    assert(max >= min, `random.int(${min}, ${max}): max is below min`)
    return min + Math.floor(float() * (max - min + 1))
  }
  return {
    float,
    int,
    oneOf: list => {
      assert(list.length > 0, 'random.oneOf: the list is empty')
      return list[int(0, list.length - 1)] as (typeof list)[number]
    },
    chance: ratio => float() < ratio,
    uuid: () => uuidFrom(next),
    shuffle: list => shuffled(list, int),
    exponential: mean => -mean * Math.log(1 - float()),
  }
}

function sfc32(text: string): () => number {
  const mix = mixer(text)
  let a = mix()
  let b = mix()
  let c = mix()
  let counter = 1
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

/** Spreads a text over 32-bit words: FNV-1a over the characters, then a murmur finaliser per word. */
function mixer(text: string): () => number {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  return () => {
    hash = (hash + 0x9e3779b9) | 0
    let word = hash
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    return (word ^ (word >>> 16)) >>> 0
  }
}

function uuidFrom(next: () => number): string {
  const hex = [next(), next(), next(), next()]
    .map(word => word.toString(16).padStart(8, '0'))
    .join('')
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
}

function shuffled<T>(list: readonly T[], int: (min: number, max: number) => number): T[] {
  const result = [...list]
  for (let last = result.length - 1; last > 0; last--) {
    const other = int(0, last)
    const kept = result[last] as T
    result[last] = result[other] as T
    result[other] = kept
  }
  return result
}
