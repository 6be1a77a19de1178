import { describe, expect, test } from 'vitest'
import { Histogram } from '../../metrics/index.ts'
import { rateFor, startEngine, usersFor } from '../testing/fixture.ts'

const second = 1e6

describe('by rate', () => {
  test('iterations start on schedule and never wait for answers', async () => {
    const begins: number[] = []
    const run = startEngine({
      scenarios: [
        {
          load: rateFor(4, 2),
          iteration: async user => {
            begins.push(run.clock.nowUs() / second)
            await user.think('1s')
          },
        },
      ],
    })
    await run.clock.advance(1.9 * second)
    expect(run.totals()).toMatchObject({ started: 8, completed: 4, users: 4 })
    await run.clock.advance(1.5 * second)
    expect(begins).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75])
    expect(run.end.value).toBeDefined()
    expect(run.totals()).toMatchObject({ completed: 8, drops: {}, users: 0 })
    expect(run.clock.pendingAlarms).toBe(0)
  })

  test('a changed rate moves the starts that are still to come', async () => {
    const begins: number[] = []
    const run = startEngine({
      scenarios: [
        {
          load: rateFor(2, 4),
          iteration: user => {
            begins.push(run.clock.nowUs() / second)
            return user.think('1ms')
          },
        },
      ],
    })
    await run.clock.advance(0.9 * second)
    run.engine.changeRate({ fromUs: 1 * second, factor: 4 })
    await run.clock.advance(1.05 * second)
    run.engine.changeRate({ fromUs: 2 * second, factor: 0.125 })
    await run.clock.advance(9 * second)
    // 2/s, then 8/s from 1 s to 2 s, then 1/s.
    const fast = Array.from({ length: 8 }, (_, i) => 1 + i / 8)
    expect(begins).toEqual([0, 0.5, ...fast, 2, 3])
    expect(run.totals()).toMatchObject({ started: 12, completed: 12, drops: {} })
    expect(run.end.value).toBeDefined()
  })

  test('the user that came free last goes first, so the pool stays small', async () => {
    const users = new Set<number>()
    const run = startEngine({
      scenarios: [
        {
          load: rateFor(10, 5),
          iteration: async user => {
            users.add(user.id)
            await user.think('150ms')
          },
        },
      ],
    })
    await run.clock.advance(6 * second)
    expect(run.totals().completed).toBe(50)
    expect([...users]).toEqual([0, 1])
  })

  test('at the user limit an iteration becomes a counted drop', async () => {
    const run = startEngine({
      scenarios: [{ load: rateFor(10, 2, 3), iteration: user => user.think('1s') }],
    })
    await run.clock.advance(4 * second)
    // At 0, 0.1 and 0.2 s the three users start; again when they are free at 1, 1.1 and 1.2 s.
    expect(run.totals()).toMatchObject({ started: 6, completed: 6, drops: { 'user limit': 14 } })
  })

  test('the start delay waits on the user for its first exchange', async () => {
    const pending: number[] = []
    const run = startEngine({
      scenarios: [
        {
          load: rateFor(2, 1),
          iteration: user => {
            pending.push((user as unknown as { pendingStartDelayUs: number }).pendingStartDelayUs)
          },
        },
      ],
    })
    await run.clock.advance(2 * second)
    expect(pending).toEqual([0, 0])
    expect(run.totals().started).toBe(2)
    const delays = Histogram.merged(
      run.windows.flatMap(({ scenarios }) =>
        scenarios.map(one => Histogram.decode(one.startDelay)),
      ),
    )
    expect([delays.count, delays.maxUs]).toEqual([2, 0])
  })

  test('a new user runs onStart first: its iteration starts late, on record', async () => {
    const begins: [number, number][] = []
    const run = startEngine({
      scenarios: [
        {
          load: rateFor(10, 1),
          onStart: user => user.think('250ms'),
          iteration: async user => {
            begins.push([user.id, Math.round(run.clock.nowUs() / 1000)])
            await user.think('10ms')
          },
        },
      ],
    })
    await run.clock.advance(2 * second)
    // Users 0, 1 and 2 log in from 0, 100 and 200 ms on. User 0 is ready first and does what has
    // waited since 0, 100 and 200 ms; then everything is on time.
    expect(begins.slice(0, 5)).toEqual([
      [0, 250],
      [0, 260],
      [0, 270],
      [0, 300],
      [1, 400],
    ])
    expect(run.totals()).toMatchObject({ started: 10, completed: 10, drops: {} })
    const delays = Histogram.merged(
      run.windows.flatMap(({ scenarios }) =>
        scenarios.map(one => Histogram.decode(one.startDelay)),
      ),
    )
    expect(Math.abs(delays.maxUs - 250_000)).toBeLessThan(300)
  })

  test('each user whose onStart fails is one drop, and no busy loop', async () => {
    let tries = 0
    const run = startEngine({
      scenarios: [
        {
          load: rateFor(5, 2),
          onStart: async user => {
            tries += 1
            await user.think('10ms')
            throw new Error('no login')
          },
        },
      ],
    })
    await run.clock.advance(3 * second)
    expect(run.totals()).toMatchObject({ started: 0, drops: { 'onStart failed': 10 } })
    expect(tries).toBe(10)
    expect(run.end.value).toBeDefined()
  })

  test('a busy pool keeps a few users ready, so that later iterations start on time', async () => {
    const late: number[] = []
    const run = startEngine({
      scenarios: [
        {
          load: {
            ...rateFor(0, 0),
            segments: [{ fromPerSecond: 10, toPerSecond: 40, durationUs: 20 * second }],
          },
          onStart: user => user.think('100ms'),
          iteration: async user => {
            const { pendingStartDelayUs } = user as unknown as { pendingStartDelayUs: number }
            if (pendingStartDelayUs > 1) late.push(run.clock.nowUs())
            await user.think('2s')
          },
        },
      ],
    })
    await run.clock.advance(25 * second)
    const { started, completed } = run.totals()
    // N(20 s) = (10 + 40) / 2 x 20.
    expect([started, completed]).toEqual([500, 500])
    // Without a reserve every new user brings a late start: about 20 at first and 60 more in the
    // ramp.
    expect(late.filter(atUs => atUs > 3 * second)).toEqual([])
  })

  test('starts while paused are drops', async () => {
    const run = startEngine({
      scenarios: [{ load: rateFor(10, 3), iteration: user => user.think('10ms') }],
    })
    await run.clock.advance(0.95 * second)
    run.engine.setPaused(true)
    await run.clock.advance(second)
    run.engine.setPaused(false)
    await run.clock.advance(2 * second)
    expect(run.totals()).toMatchObject({ started: 20, completed: 20, drops: { paused: 10 } })
  })

  test('a stop leaves later starts alone and lets running iterations finish', async () => {
    const run = startEngine({
      scenarios: [{ load: rateFor(10, 60), iteration: user => user.think('500ms') }],
    })
    await run.clock.advance(0.95 * second)
    run.engine.stop('graceful')
    await run.clock.advance(0.3 * second)
    expect(run.end.value).toBeUndefined()
    await run.clock.advance(0.3 * second)
    expect(run.end.value).toBeDefined()
    expect(run.totals()).toMatchObject({ started: 10, completed: 10, drops: {} })
  })

  test('two scenarios keep their own time beside one by users', async () => {
    const run = startEngine({
      scenarios: [
        { name: 'slow', load: rateFor(1, 3), iteration: user => user.think('100ms') },
        { name: 'fast', load: rateFor(100, 1), iteration: user => user.think('100ms') },
        { name: 'users', load: usersFor(2, 2), iteration: user => user.think('1s') },
      ],
    })
    await run.clock.advance(5 * second)
    expect(run.end.value).toBeDefined()
    const completed = ['slow', 'fast', 'users'].map(name => run.totals(name).completed)
    expect(completed).toEqual([3, 100, 4])
  })
})
