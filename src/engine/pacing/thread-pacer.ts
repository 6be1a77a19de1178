import { Worker } from 'node:worker_threads'
import { siblingModule, type Clock } from '../../base/index.ts'
import type { Pacer } from './pacer.ts'

/** At most 4,000 wake-ups a second; starts that fall due in between go out together. */
const shortestSleepUs = 250

export interface PacerThreadData {
  /** One number that changes with every order; negative: end. */
  readonly order: Int32Array
  /** How long to sleep from the order on, µs; written before `order` changes. */
  readonly delayUs: Float64Array
}

/**
 * Lets a helper thread watch the time and wake the worker's event loop by a message. Late by 0.1 to
 * 0.4 ms at a small part of a core, whatever the rate.
 */
export class ThreadPacer implements Pacer {
  readonly #clock: Clock
  readonly #wake: () => void
  readonly #order = new Int32Array(new SharedArrayBuffer(4))
  readonly #delayUs = new Float64Array(new SharedArrayBuffer(8))
  readonly #thread: Worker
  #dueUs = Infinity
  #wokenAtUs = -Infinity

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
    const workerData: PacerThreadData = { order: this.#order, delayUs: this.#delayUs }
    this.#thread = new Worker(siblingModule(import.meta.url, 'pacer-thread'), {
      workerData,
      name: 'pacer',
    })
    this.#thread.on('message', () => this.#rung())
    // The end of the profile has a timer of its own, which keeps the process alive.
    this.#thread.unref()
  }

  wakeAt(atUs: number): void {
    this.#dueUs = atUs
    if (atUs === Infinity) return
    const nowUs = this.#clock.nowUs()
    this.#delayUs[0] = Math.max(atUs, this.#wokenAtUs + shortestSleepUs) - nowUs
    Atomics.store(this.#order, 0, (Atomics.load(this.#order, 0) + 1) & 0x7fffffff)
    Atomics.notify(this.#order, 0)
  }

  stop(): void {
    this.#dueUs = Infinity
    Atomics.store(this.#order, 0, -1)
    Atomics.notify(this.#order, 0)
  }

  /**
   * The thread is ready, or a delay is over. The order may have been replaced since: only the clock
   * counts, and what has not come yet is ordered again.
   */
  #rung(): void {
    const nowUs = this.#clock.nowUs()
    if (this.#dueUs === Infinity) return
    if (nowUs < this.#dueUs) return this.wakeAt(this.#dueUs)
    this.#dueUs = Infinity
    this.#wokenAtUs = nowUs
    this.#wake()
  }
}
