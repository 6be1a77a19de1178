import { expect, test } from 'vitest'
import { clockFrom, clockFromNow, pause, wallNowUnixMs } from './clock.ts'
import { FakeClock } from './testing/fake-clock.ts'

test('clocks made from the same origin agree', () => {
  const originUnixMs = wallNowUnixMs() - 5_000
  const first = clockFrom(originUnixMs)
  const second = clockFrom(originUnixMs)
  const [before, between, after] = [first.nowUs(), second.nowUs(), first.nowUs()]
  expect(before).toBeLessThanOrEqual(between)
  expect(between).toBeLessThanOrEqual(after)
  expect(before).toBeGreaterThanOrEqual(5_000_000)
})

test('a timer of the real clock never rings early', async () => {
  const clock = clockFromNow()
  const startedAtUs = clock.nowUs()
  const delaysUs = [0, 1, 900, 1_000, 1_001, 2_500, 3_999]
  const rangAtUs = await Promise.all(
    delaysUs.map(
      delayUs => new Promise<number>(ring => clock.after(delayUs, () => ring(clock.nowUs()))),
    ),
  )
  const early = rangAtUs.filter((atUs, i) => atUs - startedAtUs < (delaysUs[i] ?? Infinity))
  expect(early).toEqual([])
})

test('a cancelled timer does not ring, and cancelling twice is harmless', async () => {
  const clock = new FakeClock()
  let rang = false
  const cancel = clock.after(10, () => (rang = true))
  cancel()
  cancel()
  await clock.advance(100)
  expect(rang).toBe(false)
  expect(clock.pendingAlarms).toBe(0)
})

test('alarms of the fake clock ring in order, each at its own time', async () => {
  const clock = new FakeClock()
  const rung: string[] = []
  clock.after(20, () => rung.push(`b at ${clock.nowUs()}`))
  clock.after(10, () => {
    rung.push(`a at ${clock.nowUs()}`)
    clock.after(5, () => rung.push(`c at ${clock.nowUs()}`))
  })
  await clock.advance(15)
  expect(rung).toEqual(['a at 10', 'c at 15'])
  await clock.advance(15)
  expect(rung).toEqual(['a at 10', 'c at 15', 'b at 20'])
  expect(clock.nowUs()).toBe(30)
})

test('a pause ends with its time or with the signal, and leaves no timer behind', async () => {
  const clock = new FakeClock()
  const ended: string[] = []
  const stop = new AbortController()
  void pause(clock, 10).then(() => ended.push('time'))
  void pause(clock, 1_000, stop.signal).then(() => ended.push('signal'))
  await clock.advance(20)
  expect(ended).toEqual(['time'])
  stop.abort()
  await clock.advance(0)
  expect(ended).toEqual(['time', 'signal'])
  expect(clock.pendingAlarms).toBe(0)
  await pause(clock, 1_000, stop.signal)
})
