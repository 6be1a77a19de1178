import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FileStore } from './file-store.ts'

const file = (size: number) => {
  return { bytes: Buffer.alloc(size, size), contentType: 'text/plain', filename: 'a' }
}

test('the oldest files make room for a new one', () => {
  const store = new FileStore({ keptBytesMax: 10, keptFilesMax: 100 })
  for (const [id, size] of [
    ['a', 4],
    ['b', 3],
    ['c', 3],
  ] as const)
    store.keep(id, file(size))
  expect([store.bytes, store.count]).toEqual([10, 3])
  store.keep('d', file(5))
  expect(['a', 'b', 'c', 'd'].filter(id => store.get(id))).toEqual(['c', 'd'])
  expect(store.bytes).toBe(8)
})

test('a file of the same id takes the place of the earlier one', () => {
  const store = new FileStore({ keptBytesMax: 10, keptFilesMax: 2 })
  store.keep('a', file(4))
  store.keep('a', file(6))
  expect([store.bytes, store.count, store.get('a')?.bytes.length]).toEqual([6, 1, 6])
})

test('whatever comes, the limits hold and the newest file is there', () => {
  const uploads = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(12)))
  fc.assert(
    fc.property(uploads, fc.integer({ min: 1, max: 3 }), (kept, keptFilesMax) => {
      const store = new FileStore({ keptBytesMax: 10, keptFilesMax })
      for (const [id, size] of kept) {
        store.keep(id, file(size))
        expect(store.get(id)?.bytes.length).toBe(size)
        const there = ['a', 'b', 'c', 'd'].flatMap(one => store.get(one) ?? [])
        expect(store.count).toBe(there.length)
        expect(store.bytes).toBe(there.reduce((sum, { bytes }) => sum + bytes.length, 0))
        expect(store.count).toBeLessThanOrEqual(keptFilesMax)
        expect(store.bytes <= 10 || store.count === 1).toBe(true)
      }
    }),
  )
})
