import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hodgesLehmann, hodgesLehmannOfDraws } from './hodges-lehmann.ts'

test('by hand: 1, 4 against 2, 9 differ by 1, 8, -2 and 5, in the middle by 3', () => {
  expect(hodgesLehmann([1, 4], [2, 9])).toBe(3)
})

test('moves with the candidate and turns its sign with the sides', () => {
  const base = [3, 1, 4, 1, 5]
  const candidate = [9, 2, 6]
  const shift = hodgesLehmann(base, candidate)
  expect(
    hodgesLehmann(
      base,
      candidate.map(value => value + 10),
    ),
  ).toBe(shift + 10)
  expect(hodgesLehmann(candidate, base)).toBe(-shift)
})

test('of an empty side there is none', () => {
  expect(hodgesLehmann([], [1])).toBeNaN()
})

const value = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  // No -0, which a sort takes for 0.
  fc.double({ noNaN: true, min: -2, max: 2 }).map(one => one + 0),
)
const side = fc.array(value, { minLength: 1, maxLength: 12 }).chain(values =>
  fc.record({
    values: fc.constant(values),
    times: fc.array(fc.nat(3), { minLength: values.length, maxLength: values.length }),
  }),
)

test('of draws is, to the bit, that of the values written down as often as they were drawn', () => {
  fc.assert(
    fc.property(side, side, (base, candidate) => {
      const written = ({ values, times }: typeof base) =>
        values.flatMap((value, i) => Array<number>(times[i]!).fill(value))
      const ofDraws = hodgesLehmannOfDraws(base.values, candidate.values)
      const expected = hodgesLehmann(written(base), written(candidate))
      expect(ofDraws(base.times, candidate.times)).toEqual(expected)
      const once = (times: readonly number[]) => times.map(() => 1)
      const all = hodgesLehmann(base.values, candidate.values)
      expect(ofDraws(once(base.times), once(candidate.times))).toEqual(all)
    }),
  )
})
