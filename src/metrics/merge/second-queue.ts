import { assert } from '../../base/index.ts'
import type { WindowData } from '../window.ts'

/** Seconds that wait for a slow worker before they are released without it. */
const maxWaitingSeconds = 60

export interface SecondQueueOptions {
  readonly workers: readonly number[]
  /** A second for which every worker's window is here, or its worker has ended; in order. */
  readonly onSecond: (index: number, windows: readonly WindowData[]) => void
  /** A window whose second was released without it. */
  readonly onLate: (window: WindowData) => void
}

/** Which windows of one worker have come: all below `allBelow`, and those in `beyond`. */
interface Arrived {
  allBelow: number
  readonly beyond: Set<number>
  ended: boolean
}

/**
 * Puts the windows of all workers in order by second. Windows may come in any order and more than
 * once; every (worker, index) counts once.
 */
export class SecondQueue {
  readonly #options: SecondQueueOptions
  readonly #arrived = new Map<number, Arrived>()
  readonly #waiting = new Map<number, WindowData[]>()
  #next = 0

  constructor(options: SecondQueueOptions) {
    this.#options = options
    for (const worker of options.workers) {
      this.#arrived.set(worker, { allBelow: 0, beyond: new Set(), ended: false })
    }
  }

  /** False when this window has come before. */
  add(window: WindowData): boolean {
    const arrived = this.#arrived.get(window.worker)
    assert(arrived !== undefined, `a window came from worker ${window.worker}, which has no share`)
    if (window.index < arrived.allBelow || arrived.beyond.has(window.index)) return false
    arrived.beyond.add(window.index)
    while (arrived.beyond.delete(arrived.allBelow)) arrived.allBelow += 1
    if (window.index < this.#next) {
      this.#options.onLate(window)
      return true
    }
    const second = this.#waiting.get(window.index) ?? []
    this.#waiting.set(window.index, second)
    second.push(window)
    this.#release()
    return true
  }

  /** No more windows will come from this worker (or if they do, they are late). */
  end(worker: number): void {
    const arrived = this.#arrived.get(worker)
    if (arrived === undefined) return
    arrived.ended = true
    this.#release()
  }

  /** Releases what waits, holes included. */
  flush(): void {
    while (this.#waiting.size > 0) this.#releaseNext()
  }

  #release(): void {
    while (this.#waiting.size > 0 && this.#isDue()) this.#releaseNext()
  }

  #isDue(): boolean {
    if (this.#waiting.size > maxWaitingSeconds) return true
    const workers = [...this.#arrived.values()]
    return workers.every(
      ({ allBelow, beyond, ended }) => ended || allBelow > this.#next || beyond.has(this.#next),
    )
  }

  #releaseNext(): void {
    const index = this.#next
    const windows = this.#waiting.get(index) ?? []
    this.#waiting.delete(index)
    this.#next += 1
    this.#options.onSecond(
      index,
      windows.sort((a, b) => a.worker - b.worker),
    )
  }
}
