import { expect, test } from 'vitest'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import { Histogram } from '../../metrics/index.ts'
import { GeneratorMeter } from './generator-meter.ts'

test('an event loop in time has no delay, a blocked one the time it was blocked', async () => {
  const clock = new FakeClock()
  const meter = new GeneratorMeter(clock)
  await clock.advance(1_000_000)
  const delay = Histogram.decode(meter.take().eventLoopDelay)
  expect([delay.count, delay.maxUs]).toEqual([50, 0])
  meter.stop()
  expect(clock.pendingAlarms).toBe(0)
})

test('two readings at the same moment give the same figures, but the delay only once', async () => {
  const clock = new FakeClock()
  const meter = new GeneratorMeter(clock)
  await clock.advance(1_000_000)
  const first = meter.take()
  const second = meter.take()
  expect({ ...second, eventLoopDelay: first.eventLoopDelay }).toEqual(first)
  expect(Histogram.decode(second.eventLoopDelay).count).toBe(0)
  expect(first.memoryBytes).toBeGreaterThan(1_000_000)
  meter.stop()
})
