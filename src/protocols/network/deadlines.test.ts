import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import { Deadlines, type Timed } from './deadlines.ts'

function timed(deadlineUs: number, expired: (nowUs: number) => void): Timed {
  return { deadlineUs, deadlineIndex: -1, expire: expired }
}

test('each deadline is noticed once, not early, at most 5 ms late, unless removed', async () => {
  const item = fc.record({
    addAtUs: fc.nat({ max: 100_000 }),
    lastsUs: fc.nat({ max: 200_000 }),
    removedAfterUs: fc.option(fc.nat({ max: 200_000 }), { nil: undefined }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 20 }), async items => {
      const clock = new FakeClock()
      const deadlines = new Deadlines(clock)
      const expiredAtUs = items.map((): number[] => [])
      items.forEach(({ addAtUs, lastsUs, removedAfterUs }, index) => {
        clock.after(addAtUs, () => {
          const entry = timed(addAtUs + lastsUs, nowUs => expiredAtUs[index]?.push(nowUs))
          deadlines.add(entry)
          if (removedAfterUs === undefined) return
          clock.after(removedAfterUs, () => deadlines.remove(entry))
        })
      })
      for (let i = 0; i < 400; i++) await clock.advance(1_000)
      items.forEach(({ addAtUs, lastsUs, removedAfterUs }, index) => {
        const times = expiredAtUs[index] ?? []
        const dueUs = addAtUs + lastsUs
        const removedUs = removedAfterUs === undefined ? Infinity : addAtUs + removedAfterUs
        if (removedUs > dueUs + 5_000) expect(times).toHaveLength(1)
        if (removedUs < dueUs) expect(times).toEqual([])
        for (const time of times) {
          expect(time).toBeGreaterThanOrEqual(dueUs)
          expect(time).toBeLessThanOrEqual(dueUs + 5_000)
        }
      })
    }),
    { numRuns: 15 },
  )
}, 60_000)

test('many items under way need one timer, and none once the last holder is gone', () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  deadlines.hold()
  deadlines.hold()
  const items = Array.from({ length: 1_000 }, (_, index) => timed(30e6 + index, () => {}))
  for (const item of items) deadlines.add(item)
  expect(clock.pendingAlarms).toBe(1)
  for (const item of items) deadlines.remove(item)
  deadlines.release()
  expect(clock.pendingAlarms).toBe(1)
  deadlines.release()
  expect(clock.pendingAlarms).toBe(0)
})

test('an item that is removed by the expiry of another is not expired', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const expired: string[] = []
  const second = timed(10, () => expired.push('second'))
  deadlines.add(
    timed(10, () => {
      expired.push('first')
      deadlines.remove(second)
    }),
  )
  deadlines.add(second)
  await clock.advance(20)
  expect(expired).toEqual(['first'])
  expect(clock.pendingAlarms).toBe(0)
})

test('a deadline in a thousand days, or none, does not keep the timer busy', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const expired: string[] = []
  deadlines.add(timed(Infinity, () => expired.push('never')))
  expect(clock.pendingAlarms).toBe(0)
  deadlines.add(timed(86_400e9, () => expired.push('late')))
  expect(clock.pendingAlarms).toBe(1)
  await clock.advance(3_600e6 - 1)
  expect(clock.pendingAlarms).toBe(1)
  await clock.advance(10 * 3_600e6)
  expect(expired).toEqual([])
})

test('removing twice is harmless', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const expired: string[] = []
  const gone = timed(10, () => expired.push('gone'))
  deadlines.add(gone)
  deadlines.add(timed(10, () => expired.push('stays')))
  deadlines.remove(gone)
  deadlines.remove(gone)
  await clock.advance(20)
  expect(expired).toEqual(['stays'])
})
