import type { Clock } from '../../base/index.ts'
import { ExchangeAborted } from '../http/script-errors.ts'

/**
 * Who sleeps: told apart from a pause between iterations, which the run's end simply cuts short.
 */
export interface Sleeper {
  readonly aborted: boolean
}

/** One pause under way. */
export interface Alarm {
  readonly atUs: number
  /** Undefined for a pause between iterations. */
  readonly sleeper: Sleeper | undefined
  readonly resolve: () => void
  readonly reject: (reason: ExchangeAborted) => void
  rung: boolean
}

/** Who may want to end its pause early. */
export interface AlarmHolder {
  /** The last pause, under way or over. */
  alarm: Alarm | undefined
}

/**
 * All pauses of one worker's virtual users on a single timer of the clock: 10,000 users that think
 * cost a heap entry each, not a timer each. Pauses end up to a millisecond late, which is what
 * the clock's timers give; starts of the open model never wait here.
 */
export class Alarms {
  readonly #clock: Clock
  /** Binary heap, earliest first. */
  readonly #heap: Alarm[] = []
  #cancelTimer: (() => void) | undefined
  #timerAtUs = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Number of pauses kept, those ended early included until their time has come. */
  get size(): number {
    return this.#heap.length
  }

  /** Resolves at `atUs`; `holder` keeps the alarm, so that it can be ended early with `ring`. */
  until(atUs: number, holder?: AlarmHolder): Promise<void> {
    return this.#sleep(atUs, undefined, holder)
  }

  /** A pause inside an iteration: rejects with ExchangeAborted when its user is aborted. */
  sleep(delayUs: number, sleeper: Sleeper): Promise<void> {
    if (sleeper.aborted) return Promise.reject(new ExchangeAborted('the run has ended'))
    return this.#sleep(this.#clock.nowUs() + delayUs, sleeper)
  }

  /** Ends a pause now; harmless when it has ended. */
  ring(alarm: Alarm): void {
    if (alarm.rung) return
    alarm.rung = true
    if (alarm.sleeper?.aborted) alarm.reject(new ExchangeAborted('the run has ended'))
    else alarm.resolve()
  }

  /** Ends the pauses of all aborted users. */
  ringAborted(): void {
    for (const alarm of this.#heap) if (alarm.sleeper?.aborted) this.ring(alarm)
  }

  /** Forgets everything and lets go of the timer. */
  close(): void {
    this.#heap.length = 0
    this.#arm()
  }

  #sleep(atUs: number, sleeper: Sleeper | undefined, holder?: AlarmHolder): Promise<void> {
    return new Promise((resolve, reject) => {
      const alarm: Alarm = { atUs, sleeper, resolve, reject, rung: false }
      this.#push(alarm)
      if (holder !== undefined) holder.alarm = alarm
      if (atUs < this.#timerAtUs) this.#arm()
    })
  }

  #arm(): void {
    this.#cancelTimer?.()
    const atUs = this.#heap[0]?.atUs
    this.#timerAtUs = atUs ?? Infinity
    this.#cancelTimer =
      atUs === undefined
        ? undefined
        : this.#clock.after(atUs - this.#clock.nowUs(), () => this.#ringDue())
  }

  #ringDue(): void {
    const nowUs = this.#clock.nowUs()
    let first = this.#heap[0]
    while (first !== undefined && (first.rung || first.atUs <= nowUs)) {
      this.#pop()
      this.ring(first)
      first = this.#heap[0]
    }
    this.#arm()
  }

  #push(alarm: Alarm): void {
    const heap = this.#heap
    let at = heap.push(alarm) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent]!.atUs <= alarm.atUs) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = alarm
  }

  #pop(): void {
    const heap = this.#heap
    const moved = heap.pop()
    if (moved === undefined || heap.length === 0) return
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1]!.atUs < heap[child]!.atUs) child += 1
      if (heap[child]!.atUs >= moved.atUs) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = moved
  }
}
