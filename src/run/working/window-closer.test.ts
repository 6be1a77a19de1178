import { expect, test } from 'vitest'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import { Histogram, Recorder } from '../../metrics/index.ts'
import { closeWindows } from './window-closer.ts'

test('windows close just after each whole second, until it is ended', async () => {
  const clock = new FakeClock()
  const closed: number[] = []
  let seconds = 0
  const recorder = new Recorder({
    worker: 0,
    onWindow: ({ index }) => closed.push(index),
    generator: () => ({
      cpuRatio: 0,
      eventLoopUtilization: 0,
      eventLoopDelay: new Histogram().encode(),
      memoryBytes: 0,
    }),
  })
  const end = closeWindows(clock, recorder, () => (seconds += 1))
  await clock.advance(999_999)
  expect(closed).toEqual([])
  await clock.advance(2_010_000)
  expect([closed, seconds]).toEqual([[0, 1, 2], 3])
  end()
  await clock.advance(5_000_000)
  expect(closed).toEqual([0, 1, 2])
  expect(clock.pendingAlarms).toBe(0)
})
