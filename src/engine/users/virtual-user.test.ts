import { describe, expect, test } from 'vitest'
import { Histogram } from '../../metrics/index.ts'
import type { AnyUser } from '../../plan/index.ts'
import { RequiredExchangeFailed } from '../http/script-errors.ts'
import { rateFor, startEngine, usersFor, type TestEngine } from '../testing/fixture.ts'

const second = 1e6
const once = { kind: 'iterations', iterations: 1, users: 1, maxDurationUs: 100 * second } as const

/** Runs one iteration of `iteration` to its end, however long that takes. */
async function runOnce(iteration: (user: AnyUser, run: TestEngine) => unknown, advanceUs = 0) {
  const run: TestEngine = startEngine({
    scenarios: [{ load: once, iteration: user => iteration(user, run) }],
  })
  await run.clock.advance(advanceUs)
  return run
}

const seriesOf = (run: TestEngine) => {
  run.totals()
  return run.windows.flatMap(({ series }) =>
    series.map(one => ({
      ...{ kind: one.kind, name: one.name, outcome: one.outcome, count: one.count },
      reasons: one.failures.map(({ reason }) => reason),
      latencyMs: Histogram.decode(one.latency).maxUs / 1000,
      serviceTimeMs: Histogram.decode(one.serviceTime).maxUs / 1000,
    })),
  )
}

describe('a step', () => {
  test('is timed as its own series, steps within steps too', async () => {
    const run = await runOnce(async user => {
      const result = await user.step('buy', async () => {
        await user.think('100ms')
        await user.step('pay', () => user.think('50ms'))
        return 'receipt'
      })
      expect(result).toBe('receipt')
    }, second)
    expect(run.totals().completed).toBe(1)
    expect(seriesOf(run)).toEqual([
      {
        ...{ kind: 'step', name: 'buy', outcome: 'ok', count: 1, reasons: [] },
        ...{ latencyMs: 150, serviceTimeMs: 150 },
      },
      {
        ...{ kind: 'step', name: 'pay', outcome: 'ok', count: 1, reasons: [] },
        ...{ latencyMs: 50, serviceTimeMs: 50 },
      },
    ])
  })

  test('fails when its function throws, and the error goes on', async () => {
    const run = await runOnce(async user => {
      await user.step('first', () => Promise.reject(new Error('oops'))).catch(() => {})
      await user.step('second', () => Promise.reject(new RequiredExchangeFailed('POST /'))) //
    })
    expect(run.totals().failed).toBe(1)
    expect(seriesOf(run).map(({ outcome, reasons }) => [outcome, reasons])).toEqual([
      ['failed', ['threw']],
      ['failed', ['required exchange failed']],
    ])
  })

  test('that the end of the run cuts off is not recorded', async () => {
    const run = startEngine({
      plan: { stopTimeoutUs: second },
      scenarios: [
        { load: usersFor(1, 1), iteration: user => user.step('long', () => user.think('9s')) },
      ],
    })
    await run.clock.advance(5 * second)
    expect(run.totals().interrupted).toBe(1)
    expect(seriesOf(run)).toEqual([])
  })

  test('counts from the intended start while no exchange has taken the start delay', async () => {
    const run = startEngine({
      scenarios: [
        {
          load: rateFor(2, 1),
          onStart: user => user.think('400ms'),
          iteration: user => user.step('all', () => user.think('50ms')),
        },
      ],
    })
    await run.clock.advance(3 * second)
    const latenciesMs = seriesOf(run).map(({ latencyMs, serviceTimeMs }) => [
      Math.round(latencyMs),
      serviceTimeMs,
    ])
    expect(latenciesMs).toEqual([[450, 50]])
  })
})

describe('poll', () => {
  test('tries every period until there is a result, and reports the time to it', async () => {
    const triedAtMs: number[] = []
    const run = await runOnce(async (user, { clock }) => {
      const result = await user.poll('export', { every: '1s', timeout: '30s' }, async () => {
        triedAtMs.push(clock.nowUs() / 1000)
        await user.think(triedAtMs.length === 2 ? '1500ms' : '100ms')
        return triedAtMs.length === 4 ? 'file' : undefined
      })
      expect(result).toBe('file')
    }, 10 * second)
    expect(triedAtMs).toEqual([0, 1000, 2500, 3500])
    expect(run.totals().completed).toBe(1)
    expect(seriesOf(run)).toMatchObject([
      { kind: 'poll', name: 'export', outcome: 'ok', count: 1, latencyMs: 3600 },
    ])
  })

  test('gives up after its timeout: a failure, and undefined', async () => {
    const run = await runOnce(async user => {
      const result = await user.poll('job', { every: '2s', timeout: '5s' }, async () => false)
      expect(result).toBeUndefined()
    }, 10 * second)
    expect(run.totals().completed).toBe(1)
    expect(seriesOf(run)).toMatchObject([
      { outcome: 'failed', reasons: ['gave up after 5s'], latencyMs: 5000 },
    ])
  })

  test('a malformed time is told as a fault of the script', async () => {
    const run = await runOnce(user =>
      user.poll('job', { every: '2', timeout: '5s' }, async () => true),
    )
    expect(run.scriptErrors.join()).toContain('poll "job": every')
  })
})

test('think pauses for exactly, or between, the given times', async () => {
  const pausesMs: number[] = []
  await runOnce(async (user, { clock }) => {
    for (const max of [undefined, '200ms', '200ms', '200ms']) {
      const beganUs = clock.nowUs()
      await user.think('100ms', max)
      pausesMs.push((clock.nowUs() - beganUs) / 1000)
    }
  }, second)
  expect(pausesMs[0]).toBe(100)
  expect(pausesMs.every(pauseMs => pauseMs >= 100 && pauseMs <= 200)).toBe(true)
  expect(new Set(pausesMs).size).toBe(4)
})

test('what a script does with a user after its iteration is refused', async () => {
  let late: AnyUser | undefined
  const run = await runOnce(user => {
    late = user
  })
  expect(run.end.value).toBeDefined()
  const user = late!
  const refusal = /after the iteration had ended; is an await missing/
  await expect(user.think('1s')).rejects.toThrow(refusal)
  await expect(user.step('late', async () => 1)).rejects.toThrow(refusal)
  await expect(user.poll('late', { every: '1s', timeout: '1s' }, async () => 1)).rejects.toThrow()
  expect(() => user.cleanup(async () => {})).toThrow(refusal)
})

test('a user knows the environment, what setup returned, and a random of its own', async () => {
  const seen: unknown[] = []
  const draws: number[] = []
  const run = startEngine({
    plan: { env: { REGION: 'eu' }, seed: 42 },
    setup: { token: 't' },
    scenarios: [
      {
        load: { kind: 'iterations', iterations: 2, users: 2, maxDurationUs: second },
        iteration: user => {
          seen.push(user.env['REGION'], user.setup<{ token: string }>().token)
          draws.push(user.random.float())
          user.log.info(`user ${user.id}`)
        },
      },
    ],
  })
  await run.clock.advance(0)
  expect(seen).toEqual(['eu', 't', 'eu', 't'])
  expect(draws[0]).not.toBe(draws[1])
  expect(run.logLines).toEqual(['info: user 0', 'info: user 1'])
})
