import { decodeSecond, encodeSecond, type RunSecond } from '../../metrics/index.ts'
import { mergedBy } from './packed-seconds.ts'

/** More than an hour of 50 names has. */
const usualMaxBytes = 128 * 1024 * 1024

export interface GatherOptions {
  readonly warmUpUs: number
  /** Neighbouring seconds are merged beyond this. @default 128 MiB */
  readonly maxBytes?: number
}

/**
 * The seconds of a run that goes on, for its report, in bounded memory: what becomes too much is
 * merged as the report itself merges, so that nothing is lost but how finely it can be shown.
 */
export class GatheredSeconds {
  readonly #warmUpSeconds: number
  readonly #maxBytes: number
  #encoded: Uint8Array[] = []
  #bytes = 0
  #span = 1

  constructor({ warmUpUs, maxBytes = usualMaxBytes }: GatherOptions) {
    this.#warmUpSeconds = Math.ceil(warmUpUs / 1e6)
    this.#maxBytes = maxBytes
  }

  /** Seconds come in order; those without anything may be left out. */
  add(second: RunSecond): void {
    this.#push(encodeSecond(second))
    while (this.#bytes > this.#maxBytes && this.#encoded.length > 2) {
      this.#span *= 2
      const merged = this.#merged()
      this.#encoded = []
      this.#bytes = 0
      for (const one of merged) this.#push(encodeSecond(one))
    }
  }

  /** What there is so far, and how many seconds each of them covers. */
  all(): { readonly seconds: RunSecond[]; readonly spanSeconds: number } {
    const seconds = this.#span === 1 ? this.#encoded.map(decodeSecond) : this.#merged()
    return { seconds, spanSeconds: this.#span }
  }

  #push(encoded: Uint8Array): void {
    this.#encoded.push(encoded)
    this.#bytes += encoded.length
  }

  #merged(): RunSecond[] {
    return mergedBy(this.#span, this.#warmUpSeconds, this.#encoded.map(decodeSecond))
  }
}
