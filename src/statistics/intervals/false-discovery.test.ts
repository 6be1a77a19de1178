import fc from 'fast-check'
import { expect, test } from 'vitest'
import { falseDiscoveryRates } from './false-discovery.ts'

test('by hand: ranks 1 to 4 of four p-values', () => {
  const rates = falseDiscoveryRates([0.01, 0.04, 0.03, 0.005])
  expect(rates.map(rate => rate.toFixed(6))).toEqual([
    '0.020000',
    '0.040000',
    '0.040000',
    '0.020000',
  ])
})

test('accepts what the step-up rule of the paper accepts', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.array(chance, { maxLength: 30 }), pValues => {
      const sorted = [...pValues].sort((a, b) => a - b)
      const last = sorted.findLastIndex((p, i) => p * pValues.length <= 0.05 * (i + 1))
      const accepted = falseDiscoveryRates(pValues).filter(q => q <= 0.05)
      expect(accepted).toHaveLength(last + 1)
    }),
  )
})
