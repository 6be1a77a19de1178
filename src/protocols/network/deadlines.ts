import type { Clock } from '../../base/index.ts'

/** Something that ends by itself when its time is over. `deadlineIndex` belongs to Deadlines. */
export interface Timed {
  readonly deadlineUs: number
  deadlineIndex: number
  /** Called once when the deadline has passed; the item has been removed by then. */
  expire(nowUs: number): void
}

/** Between two sweeps at least: bounds the cost, and how late a deadline can be noticed. */
const sweepPauseUs = 5_000

/** Timers of more than 24 days fire at once; nobody waits this long. */
const sweepDelayMaxUs = 3_600_000_000

/**
 * The deadlines of everything under way on one thread, watched by one timer. Adding and removing
 * costs an array write, no timer and no clock read. The timer is set to the earliest deadline that
 * the last sweep has seen, so under a 30 s timeout a healthy run sweeps about every 30 s:
 *
 *   add 30 s    add 30 s ...   removed, removed ...    | sweep: earliest now in 29 s | sweep ...
 *
 * An item that is due before the next sweep moves the timer forward.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #items: Timed[] = []
  #nextSweepAtUs = Infinity
  #cancelTimer: (() => void) | undefined
  #holders = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A holder (a client) keeps the timer allowed; without any the timer is given up. */
  hold(): void {
    this.#holders++
  }

  release(): void {
    this.#holders--
    if (this.#holders > 0) return
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#nextSweepAtUs = Infinity
  }

  add(item: Timed): void {
    item.deadlineIndex = this.#items.length
    this.#items.push(item)
    if (item.deadlineUs < this.#nextSweepAtUs) this.#setTimer(item.deadlineUs)
  }

  /** Harmless for an item that is not in. */
  remove(item: Timed): void {
    const index = item.deadlineIndex
    if (index < 0) return
    item.deadlineIndex = -1
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#items[index] = last
    last.deadlineIndex = index
  }

  #setTimer(atUs: number): void {
    this.#cancelTimer?.()
    this.#nextSweepAtUs = atUs
    const delayUs = Math.min(atUs - this.#clock.nowUs(), sweepDelayMaxUs)
    this.#cancelTimer = this.#clock.after(delayUs, () => this.#sweep())
  }

  #sweep(): void {
    const nowUs = this.#clock.nowUs()
    const due: Timed[] = []
    let earliestUs = Infinity
    for (const item of this.#items) {
      if (item.deadlineUs <= nowUs) due.push(item)
      else if (item.deadlineUs < earliestUs) earliestUs = item.deadlineUs
    }
    this.#cancelTimer = undefined
    this.#nextSweepAtUs = Infinity
    if (earliestUs < Infinity) this.#setTimer(Math.max(earliestUs, nowUs + sweepPauseUs))
    for (const item of due) {
      // Expiring one may end others (its user goes away): those are no longer in.
      if (item.deadlineIndex < 0) continue
      this.remove(item)
      item.expire(nowUs)
    }
  }
}
