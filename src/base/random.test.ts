import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom, type Random } from './random.ts'

const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.float())
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

test('the same seed and stream give the same draws, another stream others', () => {
  expect(draws(seededRandom(7, 'user 1'), 50)).toEqual(draws(seededRandom(7, 'user 1'), 50))
  expect(draws(seededRandom(7, 'user 1'), 50)).not.toEqual(draws(seededRandom(7, 'user 2'), 50))
  expect(draws(seededRandom(7, 'user 1'), 50)).not.toEqual(draws(seededRandom(8, 'user 1'), 50))
})

test('draws are uniform in [0, 1): every tenth gets its share, within five standard errors', () => {
  const counts = new Array<number>(10).fill(0)
  const random = seededRandom(1, 'uniform')
  for (let i = 0; i < 100_000; i++) {
    const tenth = Math.floor(random.float() * 10)
    counts[tenth] = (counts[tenth] ?? Number.NaN) + 1
  }
  const standardError = Math.sqrt(100_000 * 0.1 * 0.9)
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * standardError)
})

test('first draws of neighbouring streams are independent of each other', () => {
  const first = Array.from({ length: 20_000 }, (_, k) => seededRandom(3, `user ${k}`).float())
  expect(Math.abs(mean(first) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 20_000))
  const products = first.slice(1).map((value, k) => (value - 0.5) * ((first[k] ?? 0.5) - 0.5))
  expect(Math.abs(mean(products))).toBeLessThan(5 * (1 / 12 / Math.sqrt(20_000)))
})

test('int covers both ends and nothing else', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: -1000, max: 1000 }),
      fc.nat(5),
      (seed, min, more) => {
        const random = seededRandom(seed, 'int')
        const seen = new Set(Array.from({ length: 400 }, () => random.int(min, min + more)))
        expect([...seen].sort((a, b) => a - b)).toEqual(
          Array.from({ length: more + 1 }, (_, k) => min + k),
        )
      },
    ),
    { numRuns: 50 },
  )
})

test('a shuffled list has the same elements, and the given one stays as it is', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer()), (seed, list) => {
      const before = [...list]
      const shuffled = seededRandom(seed, 's').shuffle(list)
      expect(list).toEqual(before)
      expect([...shuffled].sort()).toEqual([...list].sort())
    }),
  )
})

test('exponential draws have the mean they were asked for, within five standard errors', () => {
  const random = seededRandom(5, 'exp')
  const values = Array.from({ length: 50_000 }, () => random.exponential(200))
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
  expect(Math.abs(mean(values) - 200)).toBeLessThan((5 * 200) / Math.sqrt(50_000))
})

test('uuids have the form of version 4 and do not repeat', () => {
  const random = seededRandom(1, 'uuid')
  const uuids = Array.from({ length: 5_000 }, () => random.uuid())
  expect(new Set(uuids).size).toBe(5_000)
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  for (const uuid of uuids) expect(uuid).toMatch(form)
})

test('oneOf draws only from the list, and an empty list is named', () => {
  const random = seededRandom(1, 'oneOf')
  const seen = new Set(Array.from({ length: 100 }, () => random.oneOf(['a', 'b', 'c'])))
  expect([...seen].sort()).toEqual(['a', 'b', 'c'])
  expect(() => random.oneOf([])).toThrow('the list is empty')
})
