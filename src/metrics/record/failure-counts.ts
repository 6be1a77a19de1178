import type { FailureCount } from '../window.ts'

/** Reasons counted apart for one series; the rest is folded into `otherReasons`. */
const maxReasons = 50
const otherReasons = '(other reasons)'
const maxReasonLength = 300

interface MutableCount {
  readonly reason: string
  count: number
  firstAtUs: number
  lastAtUs: number
}

/** Failures by reason, bounded: a server that puts a random id in its messages costs no memory. */
export class FailureCounts {
  readonly #counts = new Map<string, MutableCount>()

  /** Counts failures of `reason` that happened between the two times, µs. */
  add(reason: string, count: number, times: { firstAtUs: number; lastAtUs: number }): void {
    const short = shortened(reason)
    const known = this.#counts.get(short) ?? this.#make(short)
    known.count += count
    known.firstAtUs = Math.min(known.firstAtUs, times.firstAtUs)
    known.lastAtUs = Math.max(known.lastAtUs, times.lastAtUs)
  }

  /** Most frequent first; equal counts by name, so that the order says nothing about arrival. */
  list(): FailureCount[] {
    const byCount = (a: FailureCount, b: FailureCount) =>
      b.count - a.count || (a.reason < b.reason ? -1 : 1)
    return [...this.#counts.values()].map(count => ({ ...count })).sort(byCount)
  }

  clear(): void {
    this.#counts.clear()
  }

  #make(reason: string): MutableCount {
    const name = this.#counts.size < maxReasons ? reason : otherReasons
    const known = this.#counts.get(name)
    if (known !== undefined) return known
    const made = { reason: name, count: 0, firstAtUs: Infinity, lastAtUs: -Infinity }
    this.#counts.set(name, made)
    return made
  }
}

/** The reason text as it is kept: at most 300 characters. */
export function shortened(reason: string): string {
  return reason.length <= maxReasonLength ? reason : `${reason.slice(0, maxReasonLength - 1)}…`
}
