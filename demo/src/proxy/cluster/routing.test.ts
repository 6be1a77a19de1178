import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseVersion } from './routing.ts'

const version = fc.constantFrom('stable', 'canary-v2', 'old', 'next')
const routings = fc.record({
  weights: fc.dictionary(version, fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1_000 }))),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  present: fc.uniqueArray(version),
})

test('what is chosen has a weight and an endpoint, if any version has', () => {
  fc.assert(
    fc.property(routings, ({ weights, random, present }) => {
      const possible = present.filter(name => (weights[name] ?? 0) > 0)
      const chosen = chooseVersion({ weights }, { headers: {}, versions: new Set(present), random })
      if (possible.length === 0) expect(chosen).toBeUndefined()
      else expect(possible).toContain(chosen)
    }),
  )
})

test('over all throws of the dice each version gets its share', () => {
  const shares = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(shares, numbers => {
      const sum = numbers.reduce((total, share) => total + share, 0)
      fc.pre(sum > 0)
      const names = numbers.map((_, index) => `v${index}`)
      const weights = Object.fromEntries(names.map((name, index) => [name, numbers[index]!]))
      const counts = numbers.map(() => 0)
      for (let part = 0; part < sum; part += 1) {
        // The middle of each of `sum` equal parts, so that rounding decides nothing.
        const random = (part + 0.5) / sum
        const chosen = chooseVersion({ weights }, { headers: {}, versions: new Set(names), random })
        counts[names.indexOf(chosen!)]! += 1
      }
      expect(counts).toEqual(numbers)
    }),
  )
})
