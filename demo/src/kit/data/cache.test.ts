import fc from 'fast-check'
import { Registry } from 'prom-client'
import { beforeEach, expect, test } from 'vitest'
import { Cache } from './cache.ts'

let nowMs: number
let settings: { cacheEntriesMax: number; cacheTimeToLiveMs: number }
let registry: Registry
let cache: Cache<string>
let loads: string[][]

beforeEach(() => {
  nowMs = 0
  settings = { cacheEntriesMax: 2, cacheTimeToLiveMs: 100 }
  registry = new Registry()
  cache = new Cache({ name: 'words', settings, registry, nowMs: () => nowMs })
  loads = []
})

/** Knows every key but those that start with 'no'. */
const load = async (keys: readonly string[]) => {
  loads.push([...keys])
  const known = keys.filter(key => !key.startsWith('no'))
  return new Map(known.map(key => [key, `value of ${key}`]))
}
const get = (key: string) => cache.get(key, async () => (await load([key])).get(key))

test('a value is loaded once and kept for its time to live', async () => {
  expect(await get('a')).toBe('value of a')
  nowMs = 99
  expect(await get('a')).toBe('value of a')
  expect(loads).toEqual([['a']])
  nowMs = 100
  expect(await get('a')).toBe('value of a')
  expect(loads).toEqual([['a'], ['a']])
})

test('beyond its size the entry not used for the longest time goes', async () => {
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key)
  expect(loads).toEqual([['a'], ['b'], ['c'], ['b']])
})

test('with no entries allowed nothing is kept, at once when the setting changes', async () => {
  await get('a')
  settings.cacheEntriesMax = 0
  await get('a')
  await get('a')
  expect(loads).toEqual([['a'], ['a'], ['a']])
})

test('the same key wanted twice at once is loaded once, and so is a part of a list', async () => {
  const gate = Promise.withResolvers<void>()
  const slowly = async (keys: readonly string[]) => {
    await gate.promise
    return load(keys)
  }
  const first = cache.many(['a', 'b', 'a'], slowly)
  const second = cache.many(['b', 'c'], slowly)
  gate.resolve()
  expect([...(await first)]).toEqual([
    ['a', 'value of a'],
    ['b', 'value of b'],
  ])
  expect(new Set((await second).keys())).toEqual(new Set(['b', 'c']))
  expect(loads).toEqual([['a', 'b'], ['c']])
})

test('an unknown key and a failed load are not remembered', async () => {
  expect(await get('no such')).toBeUndefined()
  expect(await get('no such')).toBeUndefined()
  const failure = new Error('the database is gone')
  await expect(cache.get('a', () => Promise.reject(failure))).rejects.toBe(failure)
  expect(await get('a')).toBe('value of a')
  expect(loads).toEqual([['no such'], ['no such'], ['a']])
})

test('everyone who waits for a load that fails is told', async () => {
  const gate = Promise.withResolvers<Map<string, string>>()
  const first = cache.many(['a'], () => gate.promise)
  const second = cache.many(['a', 'b'], load)
  gate.reject(new Error('gone'))
  const outcomes = await Promise.allSettled([first, second])
  expect(outcomes.map(outcome => outcome.status)).toEqual(['rejected', 'rejected'])
})

test('two loads that fail one after the other are one failure of the call', async () => {
  const gate = Promise.withResolvers<Map<string, string>>()
  const later = Promise.withResolvers<Map<string, string>>()
  const first = cache.many(['a'], () => gate.promise)
  const both = cache.many(['a', 'b'], () => later.promise)
  gate.reject(new Error('first'))
  await expect(first).rejects.toThrow('first')
  await expect(both).rejects.toThrow('first')
  const joined = get('b')
  later.reject(new Error('second'))
  await expect(joined).rejects.toThrow('second')
  expect(await get('b')).toBe('value of b')
})

test('hits, misses and entries are counted, for two caches of one service too', async () => {
  const other = new Cache<string>({ name: 'numbers', settings, registry, nowMs: () => nowMs })
  for (const key of ['a', 'a', 'b', 'c']) await get(key)
  await other.many(['1', '2'], load)
  const lines = (await registry.metrics()).split('\n')
  expect(lines).toContain('cache_requests_total{cache="words",result="hit"} 1')
  expect(lines).toContain('cache_requests_total{cache="words",result="miss"} 3')
  expect(lines).toContain('cache_requests_total{cache="numbers",result="miss"} 2')
  expect(lines).toContain('cache_entries{cache="words"} 2')
  expect(lines).toContain('cache_entries{cache="numbers"} 2')
})

test('whatever is asked in whatever order, each answer is that of the loader', async () => {
  const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'no 1', 'no 2'), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(fc.array(keys, { maxLength: 8 }), fc.nat(4), async (asked, entriesMax) => {
      settings.cacheEntriesMax = entriesMax
      const answers = await Promise.all(asked.map(one => cache.many(one, load)))
      asked.forEach((one, index) => {
        const known = new Set(one.filter(key => !key.startsWith('no')))
        const expected = new Map([...known].map(key => [key, `value of ${key}`]))
        expect(new Map([...(answers[index] ?? [])].sort())).toEqual(new Map([...expected].sort()))
      })
    }),
  )
})
