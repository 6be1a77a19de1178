import { describe, expect, test } from 'vitest'
import { ExchangeAborted, RequiredExchangeFailed } from '../http/script-errors.ts'
import { rateFor, startEngine, usersFor } from '../testing/fixture.ts'

const second = 1e6
const never = () => new Promise<never>(() => {})

describe('an iteration that does not end', () => {
  test('is cut off after the stop timeout and counts as interrupted; onStop runs', async () => {
    const story: string[] = []
    const run = startEngine({
      plan: { stopTimeoutUs: 3 * second },
      scenarios: [
        {
          load: usersFor(1, 2),
          iteration: async user => {
            user.signal.addEventListener('abort', () => {
              story.push(`abort ${run.clock.nowUs() / second}`)
            })
            await user.think('60s')
          },
          onStop: async () => void story.push(`onStop ${run.clock.nowUs() / second}`),
        },
      ],
    })
    await run.clock.advance(4.9 * second)
    expect(run.end.value).toBeUndefined()
    await run.clock.advance(0.1 * second)
    expect(story).toEqual(['abort 5', 'onStop 5'])
    expect(run.end.value).toBeDefined()
    expect(run.totals()).toMatchObject({ started: 1, interrupted: 1, failed: 0 })
    expect(run.scriptErrors).toEqual([])
    expect(run.clock.pendingAlarms).toBe(0)
  })

  test('is given up when it does not even end then', async () => {
    const stopped: number[] = []
    const run = startEngine({
      plan: { stopTimeoutUs: second },
      scenarios: [
        {
          load: usersFor(3, 2),
          iteration: never,
          onStop: async user => void stopped.push(user.id),
        },
      ],
    })
    await run.clock.advance(3.3 * second)
    expect(run.end.value).toBeDefined()
    expect(stopped).toEqual([0, 1, 2])
    expect(run.totals()).toMatchObject({ started: 3, interrupted: 3, users: 0 })
    expect(run.clock.pendingAlarms).toBe(0)
  })

  test('counts once, though it returns after it was given up', async () => {
    let release = () => {}
    const run = startEngine({
      plan: { stopTimeoutUs: second },
      scenarios: [
        {
          load: usersFor(1, 1),
          iteration: () => new Promise<void>(resolve => (release = resolve)),
        },
      ],
    })
    await run.clock.advance(5 * second)
    const before = run.totals()
    release()
    await run.clock.advance(second)
    expect(run.totals()).toEqual(before)
  })

  test('ends under a rate in the same way', async () => {
    const run = startEngine({
      plan: { stopTimeoutUs: second },
      scenarios: [{ load: rateFor(10, 1, 4), iteration: never }],
    })
    await run.clock.advance(2.3 * second)
    expect(run.end.value).toBeDefined()
    expect(run.totals()).toMatchObject({ started: 4, interrupted: 4, drops: { 'user limit': 6 } })
    expect(run.clock.pendingAlarms).toBe(0)
  })
})

test('onStart that never resolves does not keep the run', async () => {
  for (const load of [usersFor(2, 1), rateFor(2, 1)]) {
    const run = startEngine({
      plan: { stopTimeoutUs: second },
      scenarios: [{ load, onStart: never }],
    })
    await run.clock.advance(2.3 * second)
    expect(run.end.value).toBeDefined()
    expect(run.totals()).toMatchObject({ started: 0, interrupted: 0, users: 0 })
  }
})

test('onStop that never resolves is given up two seconds after the stop timeout', async () => {
  const run = startEngine({
    plan: { stopTimeoutUs: second },
    scenarios: [{ load: usersFor(2, 1), iteration: user => user.think('1s'), onStop: never }],
  })
  await run.clock.advance(3.9 * second)
  expect(run.end.value).toBeUndefined()
  await run.clock.advance(0.1 * second)
  expect(run.end.value).toBeDefined()
  expect(run.logLines).toEqual(['warn: scenario one: onStop of 2 users did not end in time'])
})

test('cleanup runs at the end of the run, last registered first', async () => {
  const story: string[] = []
  const run = startEngine({
    scenarios: [
      {
        load: usersFor(1, 2),
        iteration: async user => {
          user.cleanup(async () => {
            story.push(`cleanup ${user.iteration}`)
            if (user.iteration === 0) throw new Error('gone already')
          })
          const mine = user.iteration
          user.cleanup(async () => {
            await user.think('100ms')
            story.push(`undo ${mine} at ${run.clock.nowUs() / second}`)
          })
          await user.think('1s')
        },
        onStop: async () => void story.push('onStop'),
      },
    ],
  })
  await run.clock.advance(3 * second)
  expect(story).toEqual(['onStop', 'undo 1 at 2.1', 'cleanup 1', 'undo 0 at 2.2', 'cleanup 1'])
  expect(run.end.value).toBeDefined()
})

test('cleanup that never resolves is given up two seconds after the stop timeout', async () => {
  const run = startEngine({
    plan: { stopTimeoutUs: second },
    scenarios: [
      {
        load: usersFor(1, 1),
        iteration: async user => {
          if (user.iteration === 0) user.cleanup(never)
          await user.think('500ms')
        },
      },
    ],
  })
  await run.clock.advance(3.9 * second)
  expect(run.end.value).toBeUndefined()
  await run.clock.advance(0.2 * second)
  expect(run.end.value).toBeDefined()
  expect(run.logLines).toEqual(['warn: 1 cleanups did not finish in time'])
})

describe('stopping', () => {
  test('at once cuts off what runs, a second time sooner than the first', async () => {
    const run = startEngine({
      scenarios: [{ load: usersFor(2, 60), iteration: user => user.think('40s') }],
    })
    await run.clock.advance(second)
    run.engine.stop('graceful')
    await run.clock.advance(10 * second)
    expect(run.end.value).toBeUndefined()
    run.engine.stop('now')
    await run.clock.advance(0)
    expect(run.end.value).toBeDefined()
    expect(run.totals()).toMatchObject({ started: 2, interrupted: 2 })
  })

  test('wakes users that think between iterations', async () => {
    const run = startEngine({
      scenarios: [{ load: usersFor(5, 60), thinkTime: { kind: 'constant', timeUs: 30 * second } }],
    })
    await run.clock.advance(second)
    run.engine.stop('graceful')
    await run.clock.advance(0)
    expect(run.end.value).toBeDefined()
    expect(run.totals()).toMatchObject({ started: 5, completed: 5, interrupted: 0 })
    expect(run.clock.pendingAlarms).toBe(0)
  })

  test('before the first iteration, or twice, or after the end, is harmless', async () => {
    const run = startEngine({ scenarios: [{ load: usersFor(1, 1) }, { load: rateFor(5, 1) }] })
    run.engine.stop('now')
    run.engine.stop('graceful')
    await run.clock.advance(0)
    expect(run.end.value).toBeDefined()
    expect(run.clock.pendingAlarms).toBe(0)
    run.engine.stop('now')
    run.engine.setPaused(true)
    run.engine.adjustUsers(5)
    await run.clock.advance(5 * second)
    expect(run.totals('one').started).toBe(0)
  })
})

describe('what ends an iteration early', () => {
  const outcomeOf = async (thrown: () => unknown) => {
    const run = startEngine({
      scenarios: [
        {
          load: { kind: 'iterations', iterations: 1, users: 1, maxDurationUs: second },
          iteration: () => {
            throw thrown()
          },
        },
      ],
    })
    await run.clock.advance(0)
    const { completed, failed, interrupted } = run.totals()
    return { completed, failed, interrupted, scriptErrors: run.scriptErrors }
  }

  test('the script itself: failed, and told with its place', async () => {
    expect(await outcomeOf(() => new TypeError('x is not a function'))).toEqual({
      ...{ completed: 0, failed: 1, interrupted: 0 },
      scriptErrors: ['one: test.ts:1:1: TypeError: x is not a function'],
    })
    expect((await outcomeOf(() => undefined)).failed).toBe(1)
  })

  test('a required exchange: failed, and no fault of the script', async () => {
    expect(await outcomeOf(() => new RequiredExchangeFailed('POST /login: status 500'))).toEqual({
      ...{ completed: 0, failed: 1, interrupted: 0 },
      scriptErrors: [],
    })
  })

  test('an exchange cut off: interrupted, and nobody is to blame', async () => {
    expect(await outcomeOf(() => new ExchangeAborted('GET /'))).toEqual({
      ...{ completed: 0, failed: 0, interrupted: 1 },
      scriptErrors: [],
    })
  })
})

test('a script that throws at once costs its user 10 ms each time, not a core', async () => {
  const run = startEngine({
    scenarios: [
      {
        load: usersFor(1, 1),
        iteration: () => {
          throw new Error('boom')
        },
      },
    ],
  })
  await run.clock.advance(second)
  expect(run.totals()).toMatchObject({ started: 100, failed: 100 })
})

test('a user whose onStart fails is replaced after 1 s, then 2 s, with a new id', async () => {
  const tries: [id: number, atUs: number][] = []
  const run = startEngine({
    scenarios: [
      {
        load: usersFor(1, 10),
        thinkTime: { kind: 'constant', timeUs: 60 * second },
        onStart: user => {
          tries.push([user.id, run.clock.nowUs() / second])
          if (tries.length < 3) throw new RequiredExchangeFailed('POST /login: status 503')
        },
      },
    ],
  })
  await run.clock.advance(12 * second)
  expect(tries).toEqual([
    [0, 0],
    [1, 1],
    [2, 3],
  ])
  expect(run.totals()).toMatchObject({ started: 1, drops: { 'onStart failed': 2 } })
  expect(run.scriptErrors).toEqual([])
})
