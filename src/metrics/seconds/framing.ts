/**
 * Seconds one after the other, each a little-endian uint32 of its length and its bytes: how the
 * server sends them, and how an HTML report holds them.
 */
export function framedSeconds(seconds: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(seconds.reduce((sum, one) => sum + 4 + one.length, 0))
  const view = new DataView(bytes.buffer)
  let offset = 0
  for (const second of seconds) {
    view.setUint32(offset, second.length, true)
    bytes.set(second, offset + 4)
    offset += 4 + second.length
  }
  return bytes
}

/** Splits what `framedSeconds` made. Bytes that are not yet a whole second wait for the next. */
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
