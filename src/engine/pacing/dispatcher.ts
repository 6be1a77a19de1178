import type { Clock } from '../../base/index.ts'
import type { MakePacer, Pacer } from './pacer.ts'

/** Who has starts on a schedule: starts what is due and says when the next one is, µs. */
export interface Scheduled {
  startDue(): number
}

/** Keeps the open-model scenarios of one worker on schedule, all with one pacer. */
export class Dispatcher {
  readonly #scheduled: readonly Scheduled[]
  readonly #pacer: Pacer

  constructor(clock: Clock, scheduled: readonly Scheduled[], makePacer: MakePacer) {
    this.#scheduled = scheduled
    this.#pacer = makePacer(clock, () => this.dispatch())
  }

  /** Starts everything that is due in all scenarios and waits for the next. */
  dispatch(): void {
    let nextAtUs = Infinity
    for (const one of this.#scheduled) nextAtUs = Math.min(nextAtUs, one.startDue())
    this.#pacer.wakeAt(nextAtUs)
  }

  stop(): void {
    this.#pacer.stop()
  }
}
