import type { Clock } from '../clock.ts'

interface Alarm {
  readonly atUs: number
  readonly order: number
  readonly callback: () => void
}

/** A clock for tests: time stands still until `advance` moves it, and alarms ring in order. */
export class FakeClock implements Clock {
  readonly startedAtUnixMs: number
  #nowUs = 0
  #order = 0
  #alarms: Alarm[] = []

  constructor(startedAtUnixMs = Date.UTC(2026, 0, 1)) {
    this.startedAtUnixMs = startedAtUnixMs
  }

  nowUs(): number {
    return this.#nowUs
  }

  nowUnixMs(): number {
    return this.startedAtUnixMs + this.#nowUs / 1000
  }

  after(delayUs: number, callback: () => void): () => void {
    const alarm = { atUs: this.#nowUs + Math.max(0, delayUs), order: this.#order++, callback }
    this.#alarms.push(alarm)
    this.#alarms.sort((a, b) => a.atUs - b.atUs || a.order - b.order)
    return () => {
      this.#alarms = this.#alarms.filter(other => other !== alarm)
    }
  }

  /** Number of alarms that have not rung. */
  get pendingAlarms(): number {
    return this.#alarms.length
  }

  /**
   * Moves time forward by `byUs`, ringing every alarm on the way at its own time and letting
   * promises settle after each.
   */
  async advance(byUs: number): Promise<void> {
    const untilUs = this.#nowUs + byUs
    await settle()
    for (;;) {
      const next = this.#alarms[0]
      if (next === undefined || next.atUs > untilUs) break
      this.#alarms.shift()
      this.#nowUs = next.atUs
      next.callback()
      await settle()
    }
    this.#nowUs = untilUs
  }
}

/**
 * Lets queued promise callbacks run; two turns of the loop cover chains of a few hundred awaits.
 */
async function settle(): Promise<void> {
  await new Promise<void>(resolve => setImmediate(resolve))
  await new Promise<void>(resolve => setImmediate(resolve))
}
