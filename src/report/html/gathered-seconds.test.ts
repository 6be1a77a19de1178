import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeSecond, mergedSeconds, secondOf, type WindowData } from '../../metrics/index.ts'
import { recorderInto, sampleOf } from '../../metrics/testing/samples.ts'
import { GatheredSeconds } from './gathered-seconds.ts'

/** One second of a run for each number: so many exchanges. */
function secondsOf(counts: readonly number[]) {
  const windows: WindowData[] = []
  const recorder = recorderInto(windows)
  recorder.scenario('shop')
  const seriesId = recorder.series('request', 'shop', 'GET /a')
  counts.forEach((count, index) => {
    for (let i = 0; i < count; i += 1) {
      const endedAtUs = index * 1e6 + 1e5 + i
      recorder.record(sampleOf({ seriesId, endedAtUs, startedAtUs: endedAtUs - 100 * (i + 1) }))
    }
    recorder.closeUpTo((index + 1) * 1e6)
  })
  return windows.map(window => secondOf([window]))
}

test('a run that has room keeps every second as it was', () => {
  const seconds = secondsOf([3, 0, 5])
  const gathered = new GatheredSeconds({ warmUpUs: 0 })
  for (const second of seconds) gathered.add(second)
  const { seconds: all, spanSeconds } = gathered.all()
  expect(spanSeconds).toBe(1)
  expect(all.map(encodeSecond)).toEqual(seconds.map(encodeSecond))
})

test('what has no room is merged: in bounds, nothing lost, warm-up apart', () => {
  const count = fc.integer({ min: 0, max: 6 })
  const run = fc.record({
    counts: fc.array(count, { minLength: 8, maxLength: 60 }),
    warmUpSeconds: fc.integer({ min: 0, max: 5 }),
    share: fc.double({ min: 0.2, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(run, ({ counts, warmUpSeconds, share }) => {
      const seconds = secondsOf(counts)
      const bytes = (list: typeof seconds) =>
        list.reduce((sum, one) => sum + encodeSecond(one).length, 0)
      const maxBytes = bytes(seconds) * share
      const gathered = new GatheredSeconds({ warmUpUs: warmUpSeconds * 1e6, maxBytes })
      for (const second of seconds) gathered.add(second)
      const { seconds: all, spanSeconds } = gathered.all()
      expect(bytes(all) <= maxBytes || all.length <= 2).toBe(true)
      expect(encodeSecond(mergedSeconds(all))).toEqual(encodeSecond(mergedSeconds(seconds)))
      for (const { index, seconds: length } of all) {
        expect(length).toBeLessThanOrEqual(spanSeconds)
        expect(index < warmUpSeconds && index + length > warmUpSeconds).toBe(false)
      }
    }),
    { numRuns: 50 },
  )
})
