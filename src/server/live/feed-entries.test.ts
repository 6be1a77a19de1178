import { expect, test } from 'vitest'
import { FeedEntries } from './feed-entries.ts'

const megabyte = 1024 * 1024

test('seconds in memory are bounded, with a store behind them or without', () => {
  const entries = new FeedEntries()
  for (let second = 0; second < 100; second += 1) {
    entries.addSecond(second, new Uint8Array(megabyte))
  }
  const held = entries.inMemory(0, 100)
  expect(held.map(one => one.second)).toEqual(Array.from({ length: 32 }, (_, at) => 68 + at))
  expect(entries.lastSecond).toBe(99)
  expect(entries.frameOf(entries.at(0)!)).toBeUndefined()
})
