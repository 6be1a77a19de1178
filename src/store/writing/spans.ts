import { withFewerKept, type RunSecond } from '../../metrics/index.ts'

/** Samples kept whole in a span, so that hours stay quick to load. */
const keptPerSpan = 50

/** The merged second of a span as it is stored: with few of its kept samples. */
export const asSpan = (merged: RunSecond): RunSecond => withFewerKept(merged, keptPerSpan)

/** Groups what comes in order into spans that begin at multiples of their width. */
export class SpanGroups {
  readonly span: number
  #open: RunSecond[] = []

  constructor(span: number) {
    this.span = span
  }

  /** The groups that this completes: none mostly; two only when seconds were missing. */
  add(second: RunSecond): RunSecond[][] {
    const [first] = this.#open
    const isNext = first !== undefined && this.#groupOf(first) !== this.#groupOf(second)
    const done = isNext ? this.take() : []
    this.#open.push(second)
    const isLast = (second.index + second.seconds) % this.span === 0
    return isLast ? [...done, ...this.take()] : done
  }

  /** What has not been completed, as a group that covers less. */
  take(): RunSecond[][] {
    const open = this.#open
    this.#open = []
    return open.length === 0 ? [] : [open]
  }

  #groupOf(second: RunSecond): number {
    return Math.floor(second.index / this.span)
  }
}
