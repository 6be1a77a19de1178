import fc from 'fast-check'
import { expect, test } from 'vitest'
import { doubleOf } from '../testing/read-words.ts'
import { messages, numberOf, readFields, textOf } from './read-protobuf.ts'
import { encodeMessage, type Schema } from './protobuf.ts'

const leaf: Schema = {
  ...{ text: [1, 'string'], count: [2, 'uint'], delta: [3, 'sint'] },
  ...{ value: [4, 'double'], word: [5, 'fixed64'], is: [6, 'bool'] },
}
const schema: Schema = { leaves: [16, leaf], deltas: [2, 'sint'] }

const anyLeaf = fc.record({
  text: fc.string({ maxLength: 300 }),
  count: fc.maxSafeNat(),
  delta: fc.integer(),
  value: fc.double({ noNaN: true }),
  word: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  is: fc.boolean(),
})

const unzigzag = (value: bigint) => Number(value & 1n ? -((value + 1n) / 2n) : value / 2n)

test('a reader that knows no schema finds every field, however long the messages are', () => {
  fc.assert(
    fc.property(fc.array(anyLeaf, { maxLength: 20 }), leaves => {
      const read = messages(readFields(encodeMessage(schema, { leaves })), 16)
      expect(
        read.map(fields => ({
          text: textOf(fields, 1),
          count: numberOf(fields, 2),
          delta: unzigzag(fields.get(3)![0] as bigint),
          value: doubleOf(fields, 4),
          word: String(fields.get(5)![0]),
          is: numberOf(fields, 6) === 1,
        })),
      ).toEqual(leaves)
    }),
  )
})

test('numbers of a list are packed, as proto3 has them', () => {
  // 08 bytes: key 0x12, length 4, then zigzag 1, 2, and 300 (600 = 0xd8 0x04).
  expect([...encodeMessage(schema, { deltas: [-1, 1, 300] })]).toEqual([
    ...[0x12, 4, 1, 2, 0xd8, 0x04],
  ])
})

test('a bigint is the very bits of a double', () => {
  const bytes = encodeMessage({ value: [1, 'doubleBits'] }, { value: 0x7ff0000000000002n })
  expect(readFields(bytes).get(1)).toEqual([0x7ff0000000000002n])
})
