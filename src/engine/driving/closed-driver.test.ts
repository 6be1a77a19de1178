import { describe, expect, test } from 'vitest'
import type { LoadProfile } from '../../schedule/index.ts'
import { startEngine, usersFor } from '../testing/fixture.ts'

const second = 1e6

const ramp = (...levels: readonly (readonly [number, number, number])[]): LoadProfile => ({
  kind: 'users',
  segments: levels.map(([fromUsers, toUsers, seconds]) => ({
    ...{ fromUsers, toUsers, durationUs: seconds * second },
  })),
})

describe('by users', () => {
  test('each user starts its next iteration when it is done and has thought', async () => {
    const begins: [user: number, iteration: number, atUs: number][] = []
    const run = startEngine({
      scenarios: [
        {
          load: usersFor(2, 5),
          thinkTime: { kind: 'constant', timeUs: second },
          iteration: async user => {
            begins.push([user.id, user.iteration, run.clock.nowUs()])
            await user.think('500ms')
          },
        },
      ],
    })
    await run.clock.advance(4 * second)
    expect(begins).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 1.5 * second],
      [1, 1, 1.5 * second],
      [0, 2, 3 * second],
      [1, 2, 3 * second],
    ])
    await run.clock.advance(2 * second)
    expect(run.end.value).toEqual({ exhausted: [] })
    // Begun at 0, 1.5, 3 and 4.5 s; the last one ends at its own end, exactly at 5 s.
    expect(run.totals()).toMatchObject({ started: 8, completed: 8, interrupted: 0, users: 0 })
  })

  test('a running iteration finishes after the declared end, and then onStop runs', async () => {
    const story: string[] = []
    const run = startEngine({
      scenarios: [
        {
          load: usersFor(1, 2),
          onStart: () => {
            story.push('start')
            return { greeting: 'hello' }
          },
          iteration: async user => {
            await user.think('3s')
            story.push(`done ${(user.state as { greeting: string }).greeting}`)
          },
          onStop: () => story.push(`stop at ${run.clock.nowUs() / second}`),
        },
      ],
    })
    await run.clock.advance(2.5 * second)
    expect(run.end.value).toBeUndefined()
    await run.clock.advance(second)
    expect(story).toEqual(['start', 'done hello', 'stop at 3'])
    expect(run.end.value).toBeDefined()
    expect(run.totals()).toMatchObject({ started: 1, completed: 1 })
  })

  test('users start along a ramp, and the newest end first on the way down', async () => {
    const lives: string[] = []
    const run = startEngine({
      scenarios: [
        {
          load: ramp([0, 3, 3], [3, 3, 2], [3, 0, 3]),
          thinkTime: { kind: 'constant', timeUs: 10 * second },
          onStart: user => lives.push(`+${user.id} ${run.clock.nowUs() / second}`),
          onStop: async user => void lives.push(`-${user.id} ${run.clock.nowUs() / second}`),
        },
      ],
    })
    await run.clock.advance(4 * second)
    expect(run.totals().users).toBe(3)
    await run.clock.advance(5 * second)
    expect(lives).toEqual(['+0 0', '+1 1', '+2 2', '-2 6', '-1 7', '-0 8'])
    expect(run.end.value).toBeDefined()
  })

  test('the workers together run every user, numbered as one worker would', async () => {
    const ids: number[][] = []
    for (const index of [0, 1, 2]) {
      const mine: number[] = []
      const run = startEngine({
        share: { index, count: 3 },
        scenarios: [
          {
            load: usersFor(7, 1),
            thinkTime: { kind: 'constant', timeUs: second },
            onStart: user => void mine.push(user.id),
          },
        ],
      })
      await run.clock.advance(0)
      expect(run.totals().users).toBe([3, 2, 2][index])
      run.engine.stop('now')
      ids.push(mine)
      await run.clock.advance(0)
    }
    expect(ids).toEqual([
      [0, 3, 6],
      [1, 4],
      [2, 5],
    ])
  })

  test('several scenarios number their users in turns', async () => {
    const ids = new Map<string, number[]>()
    const noting = (name: string, users: number) => ({
      ...{ name, load: usersFor(users, 1), thinkTime: { kind: 'constant', timeUs: 1e6 } as const },
      onStart: (user: { id: number }) => void ids.set(name, [...(ids.get(name) ?? []), user.id]),
    })
    const run = startEngine({ scenarios: [noting('browse', 3), noting('buy', 2)] })
    await run.clock.advance(2 * second)
    expect(ids).toEqual(
      new Map([
        ['browse', [0, 2, 4]],
        ['buy', [1, 3]],
      ]),
    )
  })

  test('pacing keeps its beat, and an overrun is not caught up on', async () => {
    const begins: number[] = []
    const takes = ['200ms', '200ms', '2500ms', '200ms', '200ms', '200ms']
    const run = startEngine({
      scenarios: [
        {
          load: usersFor(1, 7),
          thinkTime: { kind: 'pacing', periodUs: second },
          iteration: async user => {
            begins.push(run.clock.nowUs() / second)
            await user.think(takes[user.iteration] ?? '200ms')
          },
        },
      ],
    })
    await run.clock.advance(10 * second)
    expect(begins).toEqual([0, 1, 2, 4.5, 5.5, 6.5])
  })

  test('think times lie between their limits and follow the seed', async () => {
    const beginsOf = async (seed: number) => {
      const begins: number[] = []
      const run = startEngine({
        plan: { seed },
        scenarios: [
          {
            load: usersFor(1, 60),
            thinkTime: { kind: 'between', minUs: second, maxUs: 3 * second },
            iteration: () => begins.push(run.clock.nowUs()),
          },
        ],
      })
      await run.clock.advance(60 * second)
      return begins
    }
    const begins = await beginsOf(1)
    const pauses = begins.slice(1).map((atUs, i) => atUs - begins[i]!)
    expect(pauses.every(pauseUs => pauseUs >= second && pauseUs <= 3 * second)).toBe(true)
    expect(new Set(pauses).size).toBeGreaterThan(10)
    expect(await beginsOf(1)).toEqual(begins)
    expect(await beginsOf(2)).not.toEqual(begins)
  })

  test('tasks are drawn by weight, the same with the same seed', async () => {
    const drawn = [0, 0, 0]
    const count = (task: number) => () => {
      drawn[task]! += 1
    }
    const run = startEngine({
      scenarios: [
        {
          load: { kind: 'iterations', iterations: 4000, users: 4, maxDurationUs: 600 * second },
          weights: [5, 3, 2],
          tasks: [count(0), count(1), count(2)],
        },
      ],
    })
    while (run.end.value === undefined) await run.clock.advance(0)
    // Standard deviations are 32, 29 and 25: five of them.
    expect(Math.abs(drawn[0]! - 2000)).toBeLessThan(160)
    expect(Math.abs(drawn[1]! - 1200)).toBeLessThan(145)
    expect(drawn[0]! + drawn[1]! + drawn[2]!).toBe(4000)
  })

  test('live changes come on top of the profile and are shared among the workers', async () => {
    const run = startEngine({
      share: { index: 1, count: 2 },
      scenarios: [{ load: usersFor(4, 10), iteration: user => user.think('1s') }],
    })
    const usersNow = async () => {
      await run.clock.advance(1.5 * second)
      return run.totals().users
    }
    expect(await usersNow()).toBe(2)
    run.engine.adjustUsers(3)
    // 7 users over both workers: numbers 1, 3 and 5 are here.
    expect(await usersNow()).toBe(3)
    run.engine.adjustUsers(-10)
    expect(await usersNow()).toBe(0)
    // There are no fewer than none: the next who come start from there. 3 over both workers.
    run.engine.adjustUsers(3)
    expect(await usersNow()).toBe(1)
    run.engine.adjustUsers(5)
    // 8 over both workers: numbers 1, 3, 5 and 7.
    expect(await usersNow()).toBe(4)
    await run.clock.advance(10 * second)
    expect(run.end.value).toBeDefined()
  })

  test('a live change never goes beyond the limit of users', async () => {
    const run = startEngine({
      plan: { limits: { maxUsers: 5, maxStartsPerSecond: 1 } },
      scenarios: [{ load: usersFor(3, 10), iteration: user => user.think('1s') }],
    })
    run.engine.adjustUsers(10)
    await run.clock.advance(1.5 * second)
    expect(run.totals().users).toBe(5)
    // What was asked for in vain need not be taken back first.
    run.engine.adjustUsers(-1)
    await run.clock.advance(1.5 * second)
    expect(run.totals().users).toBe(4)
  })

  test('several scenarios by users share a live change', async () => {
    const thinking = { thinkTime: { kind: 'constant', timeUs: second } as const }
    const run = startEngine({
      scenarios: [
        { name: 'a', load: usersFor(2, 10), ...thinking },
        { name: 'b', load: usersFor(2, 10), ...thinking },
        {
          ...{ name: 'c', ...thinking },
          load: { kind: 'iterations', iterations: 100, users: 2, maxDurationUs: 10 * second },
        },
      ],
    })
    const usersNow = async () => {
      await run.clock.advance(1.1 * second)
      return ['a', 'b', 'c'].map(name => run.totals(name).users)
    }
    expect(await usersNow()).toEqual([2, 2, 2])
    run.engine.adjustUsers(3)
    expect(await usersNow()).toEqual([4, 3, 2])
    run.engine.adjustUsers(-5)
    expect(await usersNow()).toEqual([1, 1, 2])
  })

  test('while paused no iteration starts, and afterwards the users go on', async () => {
    const begins: number[] = []
    const run = startEngine({
      scenarios: [
        {
          load: usersFor(1, 10),
          iteration: async user => {
            begins.push(run.clock.nowUs() / second)
            await user.think('1s')
          },
        },
      ],
    })
    await run.clock.advance(1.5 * second)
    run.engine.setPaused(true)
    await run.clock.advance(3 * second)
    run.engine.setPaused(false)
    await run.clock.advance(2 * second)
    expect(begins).toEqual([0, 1, 4.5, 5.5, 6.5])
  })

  test('stopping a paused run ends it', async () => {
    const run = startEngine({
      scenarios: [{ load: usersFor(3, 60), iteration: u => u.think('1s') }],
    })
    run.engine.setPaused(true)
    await run.clock.advance(2 * second)
    run.engine.stop('graceful')
    await run.clock.advance(0)
    expect(run.end.value).toBeDefined()
    expect(run.clock.pendingAlarms).toBe(0)
  })
})

describe('a fixed number of iterations', () => {
  test('is run exactly, by the users as they come free', async () => {
    const byUser = [0, 0, 0]
    const run = startEngine({
      scenarios: [
        {
          load: { kind: 'iterations', iterations: 10, users: 3, maxDurationUs: 60 * second },
          iteration: async user => {
            byUser[user.id]! += 1
            await user.think(user.id === 0 ? '100ms' : '1s')
          },
        },
      ],
    })
    await run.clock.advance(3 * second)
    expect(run.totals()).toMatchObject({ started: 10, completed: 10, drops: {} })
    expect(byUser).toEqual([8, 1, 1])
    expect(run.end.value).toBeDefined()
    expect(run.clock.pendingAlarms).toBe(0)
  })

  test('a worker without users has nothing to do', async () => {
    const run = startEngine({
      share: { index: 2, count: 3 },
      scenarios: [
        { load: { kind: 'iterations', iterations: 9, users: 2, maxDurationUs: 60 * second } },
      ],
    })
    await run.clock.advance(0)
    expect(run.end.value).toBeDefined()
    expect(run.totals()).toMatchObject({ started: 0, drops: {} })
  })

  test('what is left at the maximum time is dropped', async () => {
    const run = startEngine({
      scenarios: [
        {
          load: { kind: 'iterations', iterations: 10, users: 1, maxDurationUs: 3 * second },
          iteration: user => user.think('2s'),
        },
      ],
    })
    await run.clock.advance(10 * second)
    expect(run.totals()).toMatchObject({ started: 2, completed: 2, drops: { stopped: 8 } })
    expect(run.end.value).toBeDefined()
  })

  test('when no user can start, all of it is dropped and the run ends at once', async () => {
    const run = startEngine({
      scenarios: [
        {
          load: { kind: 'iterations', iterations: 5, users: 2, maxDurationUs: 600 * second },
          onStart: () => Promise.reject(new Error('no login')),
        },
      ],
    })
    await run.clock.advance(0)
    expect(run.end.value).toBeDefined()
    expect(run.scriptErrors).toEqual(Array(2).fill('one: test.ts:1:1: Error: no login'))
  })
})
