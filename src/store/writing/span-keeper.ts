import { promisify } from 'node:util'
import { deflateRaw } from 'node:zlib'
import { Breather, messageOf, type Clock } from '../../base/index.ts'
import { encodeSecond, mergingSeconds, type RunSecond } from '../../metrics/index.ts'
import { asSpan, SpanGroups } from './spans.ts'

/** Seconds that wait to be merged; beyond, their spans are not made. */
const waitingMax = 60

const deflated = promisify(deflateRaw)

export interface SpanRow {
  readonly span: number
  readonly first: number
  readonly data: Uint8Array
}

export interface SpanKeeperOptions {
  readonly clock: Clock
  readonly write: (row: SpanRow) => void
  /** For a bug of ours: the span is not made. */
  readonly onFault: (reason: string) => void
}

/**
 * Merges the seconds of a run into spans of 10 and 60 beside the run: a few milliseconds at a time,
 * compressed on another thread. A span that is not made is no loss: it only makes reading quicker,
 * whoever reads makes it from its seconds.
 */
export class SpanKeeper {
  readonly #options: SpanKeeperOptions
  readonly #breather: Breather
  readonly #tens = new SpanGroups(10)
  readonly #minutes = new SpanGroups(60)
  readonly #spoiled = new Set<number>()
  #waiting = 0
  #work: Promise<void> = Promise.resolve()

  constructor(options: SpanKeeperOptions) {
    this.#options = options
    this.#breather = new Breather(options.clock)
  }

  /** Takes a second, in order. */
  add(second: RunSecond): void {
    if (this.#waiting >= waitingMax) return this.spoil(second.index)
    this.#waiting += 1
    this.#queue(() => {
      this.#waiting -= 1
      return this.#tensOf(this.#tens.add(second))
    })
  }

  /** This second is not as it was, or is missing: no span that covers it is written any more. */
  spoil(index: number): void {
    this.#spoiled.add(Math.floor(index / 10))
  }

  /** Merges what is left; resolves when all spans are handed over. Never rejects. */
  end(): Promise<void> {
    this.#queue(() => this.#tensOf(this.#tens.take()))
    this.#queue(() => this.#minutesOf(this.#minutes.take()))
    return this.#work
  }

  #queue(work: () => Promise<void>): void {
    const { onFault } = this.#options
    this.#work = this.#work.then(work).catch((error: unknown) => onFault(messageOf(error)))
  }

  async #tensOf(groups: readonly RunSecond[][]): Promise<void> {
    for (const group of groups) {
      await this.#minutesOf(this.#minutes.add(await this.#merged(10, group)))
    }
  }

  async #minutesOf(groups: readonly RunSecond[][]): Promise<void> {
    for (const group of groups) await this.#merged(60, group)
  }

  async #merged(span: number, seconds: readonly RunSecond[]): Promise<RunSecond> {
    const merged = asSpan(await this.#breather.work(mergingSeconds(seconds)))
    await this.#breather.rest()
    const encoded = encodeSecond(merged)
    const data = await deflated(encoded)
    const first = merged.index - (merged.index % span)
    if (!this.#isSpoiled(first, span)) this.#options.write({ span, first, data })
    return merged
  }

  #isSpoiled(first: number, span: number): boolean {
    for (let ten = first / 10; ten < (first + span) / 10; ten += 1) {
      if (this.#spoiled.has(ten)) return true
    }
    return false
  }
}
