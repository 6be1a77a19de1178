import type { CheckWindow } from '../window.ts'
import { shortened } from './failure-counts.ts'

/** One check in one window. Cleared and used again every second. */
export class CheckCounter {
  readonly #identity: { scenario: string; name: string; check: string }
  #passed = 0
  #failed = 0
  #firstReason = ''

  constructor(identity: { scenario: string; name: string; check: string }) {
    this.#identity = identity
  }

  get count(): number {
    return this.#passed + this.#failed
  }

  /** `reason` undefined: passed. */
  record(reason: string | undefined): void {
    if (reason === undefined) {
      this.#passed += 1
      return
    }
    if (this.#failed === 0) this.#firstReason = shortened(reason)
    this.#failed += 1
  }

  /** The window's figures as plain data; starts again at zero. */
  take(): CheckWindow {
    const { scenario, name, check } = this.#identity
    const firstReason = this.#firstReason
    const taken = { scenario, name, check, passed: this.#passed, failed: this.#failed, firstReason }
    this.#passed = this.#failed = 0
    this.#firstReason = ''
    return taken
  }
}
