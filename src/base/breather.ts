import { pause, type Clock } from './clock.ts'

/** How long work may hold the thread before others have their turn, µs. */
const sliceUs = 10_000

/**
 * For long work on a thread that has others to serve: between two steps it asks whether a rest is
 * `due`, and takes it. Count from when it is made, and from the end of the last rest.
 */
export class Breather {
  readonly #clock: Clock
  #sinceUs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceUs = clock.nowUs()
  }

  /** 10 ms have passed since the last rest. */
  get due(): boolean {
    return this.#clock.nowUs() - this.#sinceUs >= sliceUs
  }

  /** Does all steps, with rests between them when they are due; resolves with what they return. */
  async work<T>(steps: Generator<unknown, T, undefined>): Promise<T> {
    for (;;) {
      const { done, value } = steps.next()
      if (done === true) return value
      if (this.due) await this.rest()
    }
  }

  /** Resolves in a later turn. */
  async rest(): Promise<void> {
    await pause(this.#clock, 0)
    this.#sinceUs = this.#clock.nowUs()
  }
}
