import { mergedSeconds, withFewerKept, type RunSecond } from '../../metrics/index.ts'

/** Samples kept whole in a span, so that hours stay quick to load. */
const keptPerSpan = 50

/** Seconds, or spans of fewer seconds, that follow each other, as one. */
export function asOneSpan(seconds: readonly RunSecond[]): RunSecond {
  return withFewerKept(mergedSeconds(seconds), keptPerSpan)
}

/** Merges what comes in order into spans that begin at multiples of their width. */
export class SpanMerger {
  readonly span: number
  #open: RunSecond[] = []

  constructor(span: number) {
    this.span = span
  }

  /** The spans that this completes: none mostly; two only when seconds were missing. */
  add(second: RunSecond): RunSecond[] {
    const [first] = this.#open
    const isNext = first !== undefined && this.#groupOf(first) !== this.#groupOf(second)
    const done = isNext ? this.take() : []
    this.#open.push(second)
    const isLast = (second.index + second.seconds) % this.span === 0
    return isLast ? [...done, ...this.take()] : done
  }

  /** What has not been completed, as a span that covers less. */
  take(): RunSecond[] {
    const open = this.#open
    this.#open = []
    return open.length === 0 ? [] : [asOneSpan(open)]
  }

  #groupOf(second: RunSecond): number {
    return Math.floor(second.index / this.span)
  }
}
