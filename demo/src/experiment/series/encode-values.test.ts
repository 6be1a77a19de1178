import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeValues, encodeValues, type EncodedValues, type Value } from './encode-values.ts'

const anyCounter = fc
  .array(fc.oneof(fc.nat(1_000), fc.constant(0)), { minLength: 1 })
  .map(steps => steps.map((_, index) => steps.slice(0, index + 1).reduce((sum, one) => sum + one)))
const anySeconds = fc.array(fc.integer({ min: 0, max: 1e12 }).map(us => us / 1e6))
const anything = fc.array(fc.option(fc.double(), { nil: undefined }))

describe('encodeValues', () => {
  test.each<[Value[], EncodedValues]>([
    [
      [5, 7, 7, 12],
      [0, 5, 2, 0, 5],
    ],
    [
      [0.25, 0.5, 1],
      [2, 25, 25, 50],
    ],
    [[3, 3, 3], 3],
    [[undefined, undefined], null],
    [[NaN, NaN], 'NaN'],
    [
      [undefined, 4, undefined, 6],
      [0, null, 4, null, 2],
    ],
    [
      [1, Infinity, 2, -Infinity],
      [0, 1, '+Inf', 1, '-Inf'],
    ],
    [
      [9, 2],
      [0, 9, -7],
    ],
    [
      [1 / 3, 2 / 3],
      [-1, 1 / 3, 2 / 3],
    ],
    [[], [0]],
  ])('%j is written as %j', (values, expected) => {
    expect(encodeValues(values)).toEqual(expected)
  })

  test('any values come back through JSON', () => {
    fc.assert(
      fc.property(fc.oneof(anyCounter, anySeconds, anything), values => {
        const written = JSON.parse(JSON.stringify(encodeValues(values))) as EncodedValues
        const expected = values.map(value => (Object.is(value, -0) ? 0 : value))
        expect(decodeValues(written, values.length)).toEqual(expected)
      }),
    )
  })

  test('times of µs and counters never need their full digits', () => {
    fc.assert(
      fc.property(fc.oneof(anyCounter, anySeconds), values => {
        const encoded = encodeValues(values)
        if (Array.isArray(encoded)) expect(encoded[0]).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
