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
 * A generator for `stream` (say 'user 17') of a run's `seed`. Streams are independent of each
 * other, so users draw the same values whatever the number of workers. Source of the generator:
 * sfc32, Chris Doty-Humphrey, PractRand; seeded by xmur3-style mixing.
 */
export function seededRandom(seed: number, stream: string): Random {
  return new Sfc32(`${seed}/${stream}`)
}

/** One object of four numbers per virtual user; its methods are shared. */
class Sfc32 implements Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(text: string) {
    const mix = mixer(text)
    this.#a = mix()
    this.#b = mix()
    this.#c = mix()
    for (let i = 0; i < 12; i++) this.#next()
  }

  float(): number {
    return this.#next() / 4294967296
  }

  int(min: number, max: number): number {
    assert(max >= min, `random.int(${min}, ${max}): max is below min`)
    return min + Math.floor(this.float() * (max - min + 1))
  }

  oneOf<T>(list: readonly T[]): T {
    assert(list.length > 0, 'random.oneOf: the list is empty')
    return list[this.int(0, list.length - 1)] as T
  }

  chance(ratio: number): boolean {
    return this.float() < ratio
  }

  uuid(): string {
    const words = [this.#next(), this.#next(), this.#next(), this.#next()]
    return uuidFrom(words.map(word => word.toString(16).padStart(8, '0')).join(''))
  }

  shuffle<T>(list: readonly T[]): T[] {
    const result = [...list]
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.int(0, last)
      const kept = result[last] as T
      result[last] = result[other] as T
      result[other] = kept
    }
    return result
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.float())
  }

  /** 32 random bits, as an unsigned number. */
  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

/**
 * Spreads a text over 32-bit words: FNV-1a over the characters, then a murmur finaliser per word.
 */
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

/** Version 4 form of 32 hex digits. */
function uuidFrom(hex: string): string {
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
}
