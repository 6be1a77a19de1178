import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import { Alarms, type AlarmHolder } from './alarms.ts'

test('pauses end in the order of their times, each not before its own', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(10_000), { maxLength: 60 }), async delays => {
      const clock = new FakeClock()
      const alarms = new Alarms(clock)
      const ended: number[] = []
      for (const delayUs of delays) {
        void alarms.until(delayUs).then(() => {
          expect(clock.nowUs()).toBe(delayUs)
          ended.push(delayUs)
        })
      }
      await clock.advance(10_000)
      expect(ended).toEqual([...delays].sort((a, b) => a - b))
      expect([alarms.size, clock.pendingAlarms]).toEqual([0, 0])
    }),
    { numRuns: 30 },
  )
})

test('any number of pauses costs one timer', async () => {
  const clock = new FakeClock()
  const alarms = new Alarms(clock)
  for (let i = 0; i < 1000; i++) void alarms.until(1_000_000 - i)
  expect(clock.pendingAlarms).toBe(1)
  alarms.close()
  expect(clock.pendingAlarms).toBe(0)
})

test('a pause can be ended early, once', async () => {
  const clock = new FakeClock()
  const alarms = new Alarms(clock)
  const holder: AlarmHolder = { alarm: undefined }
  let ends = 0
  void alarms.until(5_000, holder).then(() => (ends += 1))
  alarms.ring(holder.alarm!)
  alarms.ring(holder.alarm!)
  await clock.advance(10_000)
  expect(ends).toBe(1)
})

test('the sleep of an aborted user rejects, at once or when it is aborted', async () => {
  const clock = new FakeClock()
  const alarms = new Alarms(clock)
  const sleeper = { aborted: false }
  const outcomes = [alarms.sleep(1_000, sleeper), alarms.sleep(9_000, sleeper)].map(sleep =>
    sleep.then(
      () => 'ended',
      (reason: Error) => reason.name,
    ),
  )
  await clock.advance(2_000)
  sleeper.aborted = true
  alarms.ringAborted()
  await expect(alarms.sleep(1, sleeper)).rejects.toThrow()
  expect(await Promise.all(outcomes)).toEqual(['ended', 'ExchangeAborted'])
})
