import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeOf, ranked } from './ranking.ts'

const candidates = [
  { sku: 'a', times: 10 },
  { sku: 'b', times: 40 },
  { sku: 'c', times: 20 },
]

test('without a round the list is ordered by how often goods were bought together', () => {
  expect(ranked(candidates, { rounds: 0, limit: 2 })).toEqual([
    { sku: 'b', score: 1 },
    { sku: 'c', score: 0.5 },
  ])
})

test('a round keeps 85 % of a weight and adds a share of the neighbours', () => {
  // The sum is 70. a: 0.85*10 + 0.15*(10 + 40/2 + 20/3)/70 = 8.5786;
  // b: 34 + 0.15*(40 + 10/2 + 20/2)/70 = 34.1179; c: 17 + 0.15*(20 + 10/3 + 40/2)/70 = 17.0929.
  const [b, c, a] = ranked(candidates, { rounds: 1, limit: 3 })
  expect([b?.sku, c?.sku, a?.sku]).toEqual(['b', 'c', 'a'])
  expect(c?.score).toBeCloseTo(17.0929 / 34.1179, 4)
  expect(a?.score).toBeCloseTo(8.5786 / 34.1179, 4)
})

test('nothing in, nothing out', () => {
  expect(ranked([], { rounds: 5, limit: 3 })).toEqual([])
})

test('whatever the rounds, every candidate is there once, best first', () => {
  const some = fc.uniqueArray(fc.record({ sku: fc.string(), times: fc.integer({ min: 1 }) }), {
    selector: one => one.sku,
    maxLength: 12,
  })
  fc.assert(
    fc.property(some, fc.nat(5), (list, rounds) => {
      const result = ranked(list, { rounds, limit: 12 })
      expect(result.map(one => one.sku).sort()).toEqual(list.map(one => one.sku).sort())
      const scores = result.map(one => one.score)
      expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    }),
  )
})

test('texts are spread evenly over their places', () => {
  const places = Array.from({ length: 2_000 }, (_, index) => placeOf(`sku-${2_001 + index}`))
  expect(places.every(place => place >= 0 && place < 1)).toBe(true)
  for (const share of [0.1, 0.25, 0.5, 0.9]) {
    const below = places.filter(place => place < share).length / places.length
    expect(Math.abs(below - share)).toBeLessThan(0.03)
  }
})
