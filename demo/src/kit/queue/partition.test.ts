import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partitionOf } from './partition.ts'

test('any key has one partition, and it is one of those there are', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 64 }), (key, partitions) => {
      const partition = partitionOf(key, partitions)
      expect(partition).toBe(partitionOf(key, partitions))
      expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true)
    }),
  )
})

test('keys that differ only in their last digits are spread evenly', () => {
  const counts = Array.from({ length: 16 }, () => 0)
  for (let user = 0; user < 16_000; user += 1) counts[partitionOf(`usr-${user}`, 16)]! += 1
  // 1,000 each with a standard deviation of 31 if the spread is that of chance.
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(160)
})

test('a number of partitions that makes no sense becomes the nearest that does', () => {
  expect([0, -3, 0.5, 1].map(partitions => partitionOf('key', partitions))).toEqual([0, 0, 0, 0])
  const high = Array.from({ length: 1_000 }, (_, n) => partitionOf(`key-${n}`, 1_000))
  expect(Math.max(...high)).toBe(63)
})
