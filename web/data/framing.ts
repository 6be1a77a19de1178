/**
 * Splits a stream of seconds, each a little-endian uint32 of its length and its bytes. Bytes that
 * are not yet a whole second wait for the next ones.
 */
export class Framing {
  #rest = new Uint8Array(0)

  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = new Uint8Array(this.#rest.length + chunk.length)
    bytes.set(this.#rest)
    bytes.set(chunk, this.#rest.length)
    const view = new DataView(bytes.buffer)
    const seconds: Uint8Array[] = []
    let offset = 0
    while (offset + 4 <= bytes.length) {
      const end = offset + 4 + view.getUint32(offset, true)
      if (end > bytes.length) break
      seconds.push(bytes.subarray(offset + 4, end))
      offset = end
    }
    this.#rest = bytes.slice(offset)
    return seconds
  }
}

/** Bytes of base64 text. */
export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0))
}
