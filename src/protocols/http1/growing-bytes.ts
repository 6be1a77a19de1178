/** Reserved at first at most, whatever length the server declares. */
const firstReserveMax = 1_048_576
const smallest = 1_024

/** Collects bytes that come in pieces, growing as needed and never beyond its limit. */
export class GrowingBytes {
  /** Number of bytes collected; `bytes` holds them, and room for more behind them. */
  length = 0
  bytes: Buffer
  readonly #maxBytes: number

  /** `expectedBytes`: the declared length, or what is at hand when none is declared. */
  constructor(maxBytes: number, expectedBytes: number) {
    this.#maxBytes = maxBytes
    this.bytes = Buffer.allocUnsafeSlow(Math.min(expectedBytes, maxBytes, firstReserveMax))
  }

  /** Copies `source[from..to)`. False, and nothing added, when that would pass the limit. */
  append(source: Uint8Array, from: number, to: number): boolean {
    const length = this.length + (to - from)
    if (length > this.#maxBytes) return false
    if (length > this.bytes.length) this.#grow(length)
    this.bytes.set(source.subarray(from, to), this.length)
    this.length = length
    return true
  }

  /** What has been collected; the object must not be used afterwards. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length)
    // A half empty reserve is not kept alive by an answer that a script holds on to.
    return this.bytes.length > 2 * this.length + smallest ? Buffer.from(taken) : taken
  }

  #grow(length: number): void {
    const doubled = Math.min(this.bytes.length * 2, this.#maxBytes)
    const bytes = Buffer.allocUnsafeSlow(
      Math.max(length, doubled, Math.min(smallest, this.#maxBytes)),
    )
    bytes.set(this.bytes.subarray(0, this.length))
    this.bytes = bytes
  }
}
