import { expect, test } from 'vitest'
import { encodeMessage } from '../wire/protobuf.ts'
import { rejectedOf } from './partial-success.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const protobuf = (rejected: number, errorMessage: string) =>
  encodeMessage(
    { partialSuccess: [1, { rejected: [1, 'uint'], errorMessage: [2, 'string'] }] },
    { partialSuccess: { rejected, errorMessage } },
  )

test('an endpoint that left data points or spans out says how many, and why', () => {
  const rejected = { items: 300, why: 'too old' }
  expect(rejectedOf(protobuf(300, 'too old'), 'protobuf')).toEqual(rejected)
  const points = '{"partialSuccess":{"rejectedDataPoints":"300","errorMessage":"too old"}}'
  expect(rejectedOf(bytesOf(points), 'json')).toEqual(rejected)
  const spans = '{"partialSuccess":{"rejectedSpans":300,"errorMessage":"too old"}}'
  expect(rejectedOf(bytesOf(spans), 'json')).toEqual(rejected)
})

test.each(['', '{}', '{"partialSuccess":{}}', 'OK', 'null', '<html>'])(
  'the answer "%s" rejects nothing',
  text => {
    expect(rejectedOf(bytesOf(text), 'json')).toBe(undefined)
    expect(rejectedOf(bytesOf(text), 'protobuf')).toBe(undefined)
  },
)

test('words without a number are advice, not a loss', () => {
  expect(rejectedOf(protobuf(0, 'please send less often'), 'protobuf')).toBe(undefined)
})
