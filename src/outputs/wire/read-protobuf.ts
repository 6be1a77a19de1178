/** A protobuf message as its fields, read without a schema. */
export type Fields = Map<number, (Uint8Array | bigint)[]>

/** Varints and 64-bit words as bigint, everything else as bytes. */
export function readFields(bytes: Uint8Array): Fields {
  const fields: Fields = new Map()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const key = Number(varint())
    const [number, wireType] = [key >> 3, key & 7]
    let value: Uint8Array | bigint
    if (wireType === 0) value = varint()
    else if (wireType === 1) {
      value = view.getBigUint64(at, true)
      at += 8
    } else {
      const length = Number(varint())
      if (wireType !== 2 || at + length > bytes.length) throw new Error('garbled protobuf')
      value = bytes.subarray(at, at + length)
      at += length
    }
    const known = fields.get(number)
    if (known === undefined) fields.set(number, [value])
    else known.push(value)
  }
  return fields
}

/** Messages of a repeated field. */
export const messages = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map(bytes => readFields(bytes as Uint8Array))

export const textOf = (fields: Fields, number: number): string =>
  new TextDecoder().decode(fields.get(number)?.[0] as Uint8Array | undefined)

export const numberOf = (fields: Fields, number: number): number =>
  Number(fields.get(number)?.[0] ?? 0n)
