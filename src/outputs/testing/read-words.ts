import type { Fields } from '../wire/read-protobuf.ts'

export const hexOf = (fields: Fields, number: number): string =>
  Buffer.from((fields.get(number)?.[0] ?? new Uint8Array()) as Uint8Array).toString('hex')

/** A 64-bit word as the double it is. */
export function doubleOf(fields: Fields, number: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, (fields.get(number)?.[0] ?? 0n) as bigint)
  return view.getFloat64(0)
}

/** The 64-bit words of a packed field. */
export function wordsOf(fields: Fields, number: number): number[] {
  const bytes = (fields.get(number)?.[0] ?? new Uint8Array()) as Uint8Array
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 8 }, (_, i) => Number(view.getBigUint64(i * 8, true)))
}
