/** Numbers of [0, 1) in an order that the seed decides: Tommy Ettinger's Mulberry32. */
export class SeededDice {
  #seed = Number.NaN
  #state = 0

  /** The next number; another seed than last time begins its own order. */
  roll(seed: number): number {
    if (seed !== this.#seed) {
      this.#seed = seed
      this.#state = seed >>> 0
    }
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
