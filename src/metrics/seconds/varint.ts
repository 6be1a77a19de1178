import { assert } from '../../base/index.ts'

/**
 * Whole numbers 0..2^53 in 1 to 8 bytes: seven bits a byte, lowest first, the top bit says "more
 * follows". Division instead of shifts, because JavaScript's shifts stop at 32 bits.
 */
export class VarintWriter {
  #bytes = new Uint8Array(256)
  #length = 0

  write(value: number): void {
    if (this.#length + 8 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** A copy of what was written; the writer is empty afterwards and keeps its buffer. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length)
    this.#length = 0
    return taken
  }
}

export class VarintReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset
  }

  get atEnd(): boolean {
    return this.#offset >= this.#bytes.length
  }

  read(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.#bytes[this.#offset++]
      assert(byte !== undefined && factor <= 2 ** 49, 'an encoded histogram is cut off or garbled')
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }
}
