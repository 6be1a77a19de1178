import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HashRing } from './ring.ts'

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), {
  minLength: 2,
  maxLength: 8,
})
const keys = fc.array(fc.string({ maxLength: 12 }), { maxLength: 50 })
const all = () => true

describe('a hash ring', () => {
  test('moves only the keys of an endpoint that goes, and only to one that comes', () => {
    fc.assert(
      fc.property(ids, keys, (names, texts) => {
        const [gone, ...rest] = names
        const [before, after] = [new HashRing(names), new HashRing(rest)]
        for (const key of texts) {
          const was = before.find(key, all)
          if (was !== gone) expect(after.find(key, all)).toBe(was)
        }
      }),
    )
  })

  test('does not depend on the order of the endpoints', () => {
    fc.assert(
      fc.property(ids, keys, (names, texts) => {
        const [one, other] = [new HashRing(names), new HashRing(names.toReversed())]
        for (const key of texts) expect(other.find(key, all)).toBe(one.find(key, all))
      }),
    )
  })

  test('leaves one out as if it were not there', () => {
    fc.assert(
      fc.property(ids, keys, (names, texts) => {
        const [out, ...rest] = names
        const [whole, smaller] = [new HashRing(names), new HashRing(rest)]
        for (const key of texts) {
          expect(whole.find(key, id => id !== out)).toBe(smaller.find(key, all))
        }
      }),
    )
  })

  test('shares 10,000 keys among four endpoints with none below a sixth', () => {
    const ring = new HashRing(['catalog-1', 'catalog-2', 'catalog-3', 'catalog-4'])
    const counts = new Map<string, number>()
    for (let key = 0; key < 10_000; key += 1) {
      const id = ring.find(`user-${key}`, all)!
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    expect(counts.size).toBe(4)
    expect(Math.min(...counts.values())).toBeGreaterThan(10_000 / 6)
  })

  test('finds nothing among none', () => {
    expect(new HashRing([]).find('key', all)).toBeUndefined()
    expect(new HashRing(['a']).find('key', () => false)).toBeUndefined()
  })
})
