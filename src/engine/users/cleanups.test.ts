import { expect, test } from 'vitest'
import { logTo } from '../../base/index.ts'
import { FakeClock } from '../../base/testing/fake-clock.ts'
import { Cleanups, type CleanupOwner } from './cleanups.ts'

const second = 1e6

function owner(story: string[] = []): CleanupOwner {
  return {
    beginCleanup: () => void story.push('begin'),
    endCleanup: () => void story.push('end'),
    cleanupFailed: thrown => void story.push(`failed ${String(thrown)}`),
  }
}

function runWith(cleanups: Cleanups, boundUs = 10 * second) {
  const clock = new FakeClock()
  const lines: string[] = []
  const log = logTo((_, message) => lines.push(message), 'debug')
  const outcome = { over: false, clock, lines }
  void cleanups.run({ clock, log, boundUs }).then(() => (outcome.over = true))
  return outcome
}

test('one that throws does not keep the others of its user', async () => {
  const story: string[] = []
  const cleanups = new Cleanups()
  const mine = owner(story)
  cleanups.add(mine, async () => void story.push('first'))
  cleanups.add(mine, async () => {
    throw new Error('gone')
  })
  const run = runWith(cleanups)
  await run.clock.advance(0)
  expect(story.slice(0, 4)).toEqual(['begin', 'failed Error: gone', 'first', 'end'])
  expect(run.over).toBe(true)
  expect(run.lines).toEqual([])
})

test('they run for 64 users at a time', async () => {
  const cleanups = new Cleanups()
  let atOnce = 0
  let most = 0
  const waiting: (() => void)[] = []
  for (let user = 0; user < 200; user++) {
    cleanups.add(owner(), async () => {
      most = Math.max(most, ++atOnce)
      await new Promise<void>(resolve => waiting.push(resolve))
      atOnce -= 1
    })
  }
  const run = runWith(cleanups)
  while (!run.over) {
    await run.clock.advance(0)
    for (const release of waiting.splice(0)) release()
  }
  expect(most).toBe(64)
})

test('a hurry leaves two seconds of a longer bound', async () => {
  const cleanups = new Cleanups()
  cleanups.add(owner(), () => new Promise(() => {}))
  const run = runWith(cleanups, 60 * second)
  await run.clock.advance(5 * second)
  cleanups.hurry()
  await run.clock.advance(1.9 * second)
  expect(run.over).toBe(false)
  await run.clock.advance(0.2 * second)
  expect(run.over).toBe(true)
  expect(run.lines).toEqual(['1 cleanups did not finish in time'])
})

test('more than a worker keeps are refused, and counted', async () => {
  const cleanups = new Cleanups()
  const mine = owner()
  let ran = 0
  for (let i = 0; i < 100_003; i++) cleanups.add(mine, async () => void (ran += 1))
  const run = runWith(cleanups)
  while (!run.over) await run.clock.advance(0)
  expect(ran).toBe(100_000)
  expect(run.lines).toEqual(['3 cleanups were not kept: a worker keeps 100000'])
})
