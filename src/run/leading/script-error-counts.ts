import type { ScriptErrorCount } from '../../metrics/index.ts'
import { outsideIterations } from '../script-places.ts'

const maxTexts = 100
const otherErrors = '(other errors)'

/** Counts a run's script errors by scenario and text; beyond 100 texts as '(other errors)'. */
export class ScriptErrorCounts {
  readonly #counts = new Map<string, { scenario: string; message: string; count: number }>()

  add(scenario: string, message: string, count: number): void {
    const key = `${scenario}\n${message}`
    const known = this.#counts.get(key)
    if (known !== undefined) {
      known.count += count
    } else if (this.#counts.size < maxTexts) {
      this.#counts.set(key, { scenario, message, count })
    } else {
      const other = this.#counts.get(otherErrors) ?? {
        scenario: outsideIterations,
        message: otherErrors,
        count: 0,
      }
      this.#counts.set(otherErrors, { ...other, count: other.count + count })
    }
  }

  /** Most frequent first. */
  list(): readonly ScriptErrorCount[] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count)
  }
}
