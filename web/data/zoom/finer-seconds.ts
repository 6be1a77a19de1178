import { decodeSecond } from '../../../src/metrics/index.ts'
import { pointOf, type Point } from '../point.ts'
import { inSlices } from '../slices.ts'
import { partsOf, spanOf, type Held, type Range, type Stretch } from './stretch.ts'

/** Reads encoded seconds of a range, merged over `span`, until `signal` ends it. */
export type ReadSeconds = (
  wanted: Range & { readonly span: number },
  take: (seconds: readonly Uint8Array[]) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>

/** A range that is still being dragged changes faster than this, ms. */
const settlingMs = 150
const stretchesMost = 8
const bytesMost = 64 * 1024 * 1024

/** Parts of a run in finer seconds, as somebody looked at them; the last few are kept. */
export class FinerSeconds {
  readonly #read: ReadSeconds
  /** The one that was looked at last comes last. */
  #kept: Stretch[] = []

  constructor(read: ReadSeconds) {
    this.#read = read
  }

  /** A stretch that is here and holds the range to the second, as fine as it can be shown. */
  known(range: Range): Stretch | undefined {
    const wanted = spanOf(range.to - range.from)
    const found = this.#kept.find(one => {
      const holds = one.from <= range.from && one.to >= range.to
      const same = one.from === range.from && one.to === range.to
      return holds && (same || one.span === 1) && one.span <= wanted
    })
    if (found) this.#keep(found)
    return found
  }

  /**
   * Reads the range as fine as it can be shown; no merged second reaches over `cut`. Undefined when
   * `signal` ended it.
   */
  async read(range: Range, cut: number, signal: AbortSignal): Promise<Stretch | undefined> {
    await new Promise(resolve => setTimeout(resolve, settlingMs))
    if (signal.aborted) return undefined
    const span = spanOf(range.to - range.from)
    const held: Held[] = []
    const points: Point[] = []
    const take = async (all: readonly Uint8Array[]) => {
      await inSlices(
        all,
        bytes => {
          const second = decodeSecond(bytes)
          held.push({ index: second.index, seconds: second.seconds, bytes })
          points.push(pointOf(second))
        },
        signal,
      )
    }
    try {
      for (const part of partsOf(range, span, cut)) {
        await this.#read({ ...part, span }, take, signal)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
    if (signal.aborted) return undefined
    const stretch = { ...range, span, held, points }
    this.#keep(stretch)
    return stretch
  }

  #keep(stretch: Stretch): void {
    this.#kept = [...this.#kept.filter(one => one !== stretch), stretch].slice(-stretchesMost)
    const bytes = (list: readonly Stretch[]) =>
      list.flatMap(({ held }) => held).reduce((sum, one) => sum + one.bytes.length, 0)
    while (this.#kept.length > 1 && bytes(this.#kept) > bytesMost) this.#kept.shift()
  }
}
