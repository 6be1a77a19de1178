import { Histogram } from '../histogram.ts'
import type { ScenarioWindow } from '../window.ts'

export type IterationEnd = 'completed' | 'failed' | 'interrupted'

/** Iteration events of one scenario in one window. Cleared and used again every second. */
export class ScenarioCounter {
  readonly #scenario: string
  readonly #startDelay = new Histogram()
  #drops: Record<string, number> = {}
  #started = 0
  #completed = 0
  #failed = 0
  #interrupted = 0
  users = 0

  constructor(scenario: string) {
    this.#scenario = scenario
  }

  get counted(): boolean {
    const ended = this.#completed + this.#failed + this.#interrupted
    return this.#started + ended > 0 || Object.keys(this.#drops).length > 0
  }

  started(startDelayUs: number): void {
    this.#started += 1
    this.#startDelay.record(startDelayUs)
  }

  ended(end: IterationEnd): void {
    if (end === 'completed') this.#completed += 1
    else if (end === 'failed') this.#failed += 1
    else this.#interrupted += 1
  }

  dropped(reason: string, count: number): void {
    this.#drops[reason] = (this.#drops[reason] ?? 0) + count
  }

  /** The window's figures as plain data; all but the users start again at zero. */
  take(): ScenarioWindow {
    const taken = {
      scenario: this.#scenario,
      users: this.users,
      iterationsStarted: this.#started,
      iterationsCompleted: this.#completed,
      iterationsFailed: this.#failed,
      iterationsInterrupted: this.#interrupted,
      drops: this.#drops,
      startDelay: this.#startDelay.encode(),
    }
    this.#startDelay.clear()
    this.#drops = {}
    this.#started = this.#completed = this.#failed = this.#interrupted = 0
    return taken
  }
}
