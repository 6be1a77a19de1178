import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clockFromNow } from '../base/index.ts'
import type { WindowData } from '../metrics/index.ts'
import type { ScenarioPlan, SetupContext } from '../plan/index.ts'
import { createEngine, type EngineEnd } from './engine.ts'
import { runSetup, runTeardown } from './setup.ts'
import { engineOptions, rateFor, testRecorder, type EngineSetup } from './testing/fixture.ts'

/** A real target; '/never' leaves the exchange open. */
let server: Server
let target: ScenarioPlan['target']
let connections = 0
const paths: string[] = []

beforeEach(async () => {
  connections = 0
  paths.length = 0
  server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`)
    if (request.url === '/never') return
    response.statusCode = request.url === '/login' ? 503 : 200
    response.end('hello')
  })
  server.on('connection', () => (connections += 1))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  target = { origin: `http://127.0.0.1:${port}`, basePath: '', socketPath: undefined }
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

const many = (iterations: number, users: number) =>
  ({ kind: 'iterations', iterations, users, maxDurationUs: 60e6 }) as const

interface Outcome {
  readonly end: EngineEnd
  readonly scenario: Record<'started' | 'completed' | 'failed' | 'interrupted', number>
  readonly series: readonly { name: string; outcome: string; count: number }[]
  readonly scriptErrors: readonly string[]
}

/** Runs an engine against the target with the real clock; `during` may stop it. */
async function runFor(
  setup: EngineSetup,
  during?: (engine: ReturnType<typeof createEngine>) => void,
): Promise<Outcome> {
  const windows: WindowData[] = []
  const scriptErrors: string[] = []
  const clock = clockFromNow()
  const recorder = testRecorder(windows)
  const engine = createEngine(
    engineOptions(
      { ...setup, scenarios: setup.scenarios.map(one => ({ target, ...one })) },
      { clock, recorder, onScriptError: (_, message) => scriptErrors.push(message) },
    ),
  )
  engine.start()
  during?.(engine)
  const end = await engine.ended
  recorder.finish(clock.nowUs())
  const sum = (count: (one: WindowData['scenarios'][number]) => number) =>
    windows.flatMap(({ scenarios }) => scenarios).reduce((total, one) => total + count(one), 0)
  const counts = new Map<string, { name: string; outcome: string; count: number }>()
  for (const { name, outcome, count } of windows.flatMap(({ series }) => series)) {
    const before = counts.get(`${name} ${outcome}`)?.count ?? 0
    counts.set(`${name} ${outcome}`, { name, outcome, count: before + count })
  }
  const scenario = {
    started: sum(one => one.iterationsStarted),
    completed: sum(one => one.iterationsCompleted),
    failed: sum(one => one.iterationsFailed),
    interrupted: sum(one => one.iterationsInterrupted),
  }
  return { end, scenario, scriptErrors, series: [...counts.values()] }
}

describe('an engine with a real target', () => {
  test('runs every iteration once and records every exchange', async () => {
    const run = await runFor({
      scenarios: [{ load: many(200, 4), iteration: user => user.http.get('/page') }],
    })
    expect(run.scenario).toEqual({ started: 200, completed: 200, failed: 0, interrupted: 0 })
    expect(run.series).toEqual([{ name: 'GET /page', outcome: 'ok', count: 200 }])
    expect(paths).toHaveLength(200)
    expect(connections).toBe(4)
  })

  test('keeps connections per user, per request or shared', async () => {
    const connectionsWith = async (choice: ScenarioPlan['connections']) => {
      connections = 0
      await runFor({
        scenarios: [
          {
            ...{ load: many(6, 3), connections: choice },
            iteration: user => user.http.get('/page'),
          },
        ],
      })
      return connections
    }
    expect(await connectionsWith('perUser')).toBe(3)
    expect(await connectionsWith('perRequest')).toBe(6)
    expect(await connectionsWith('shared')).toBeLessThanOrEqual(3)
  })

  test('keeps an arrival rate with the pacing thread, or spinning', async () => {
    for (const exactPacing of [false, true]) {
      const run = await runFor({
        plan: { exactPacing },
        scenarios: [{ load: rateFor(400, 0.5), iteration: user => user.http.get('/page') }],
      })
      expect(run.scenario).toMatchObject({ started: 200, completed: 200 })
    }
  })

  test('a failed required exchange ends the iteration and is the target\u2019s fault', async () => {
    const run = await runFor({
      scenarios: [
        {
          load: many(2, 1),
          iteration: async user => {
            await user.http.post('/login', { required: true })
            await user.http.get('/page')
          },
        },
      ],
    })
    expect(run.scenario).toMatchObject({ completed: 0, failed: 2 })
    expect(run.series).toEqual([{ name: 'POST /login', outcome: 'failed', count: 2 }])
    expect(run.scriptErrors).toEqual([])
  })

  test('a stop cuts off open exchanges; onStop and cleanup still reach the target', async () => {
    const run = await runFor(
      {
        scenarios: [
          {
            load: many(3, 3),
            iteration: async user => {
              user.cleanup(async () => void (await user.http.delete('/made')))
              await user.http.get('/never')
            },
            onStop: user => user.http.post('/logout'),
          },
        ],
      },
      engine => {
        const stopWhenAllWait = () =>
          paths.length === 3 ? engine.stop('now') : void setImmediate(stopWhenAllWait)
        stopWhenAllWait()
      },
    )
    expect(run.scenario).toEqual({ started: 3, completed: 0, failed: 0, interrupted: 3 })
    expect(run.scriptErrors).toEqual([])
    // What cleanup does is not measured.
    expect(run.series).toEqual([{ name: 'POST /logout', outcome: 'ok', count: 3 }])
    expect(paths.slice(3).sort()).toEqual([
      ...Array<string>(3).fill('DELETE /made'),
      ...Array<string>(3).fill('POST /logout'),
    ])
  })

  test('a script that never waits does not keep the event loop from turning', async () => {
    let turns = 0
    const run = await runFor(
      { scenarios: [{ load: { ...many(20_000, 5) }, iteration: () => {} }] },
      () => setImmediate(() => (turns += 1)),
    )
    expect(run.scenario.completed).toBe(20_000)
    expect(turns).toBe(1)
  })
})

test('setup and teardown use the first target, unmeasured, and pass plain data on', async () => {
  const seen: unknown[] = []
  const setup: EngineSetup = { scenarios: [{ load: many(1, 1), target }] }
  const { script, ...options } = engineOptions(setup, {
    clock: clockFromNow(),
    recorder: testRecorder([]),
  })
  const around = {
    ...options,
    script: {
      ...script,
      setup: async ({ http, env, random }: Parameters<NonNullable<typeof script.setup>>[0]) => {
        const answer = await http.post('/prepare')
        return { status: answer.status, env, drawn: random.int(1, 1) }
      },
      teardown: async (
        { http }: Parameters<NonNullable<typeof script.setup>>[0],
        made: unknown,
      ) => {
        seen.push(made)
        await http.delete('/prepared')
      },
    },
  }
  const made = await runSetup(around)
  expect(made).toEqual({ status: 200, env: {}, drawn: 1 })
  await runTeardown(around, made)
  expect(seen).toEqual([made])
  expect(paths).toEqual(['POST /prepare', 'DELETE /prepared'])
  expect(await runSetup({ ...options, script })).toBeUndefined()
})

test('a host that the safety guard refuses is told, and nothing is sent', async () => {
  // The target is the proxy too: should the guard fail, requests would come here and go no further.
  const abroad = () => ({ load: many(2, 1), target, proxy: target.origin })
  const refused: string[] = []
  const setup: EngineSetup = {
    scenarios: (['perUser', 'shared', 'perRequest'] as const).map(connections => ({
      ...abroad(),
      connections,
      iteration: async user => {
        const answer = await user.http.get('http://203.0.113.5/', { name: 'abroad' })
        user.cleanup(async () => void (await user.http.get('http://203.0.113.7/')))
        if (!answer.ok) throw new Error(answer.failure)
      },
    })),
  }
  const scriptErrors: string[] = []
  const options = engineOptions(setup, {
    clock: clockFromNow(),
    recorder: testRecorder([]),
    onHostRefused: host => refused.push(host),
    onScriptError: (_, message) => scriptErrors.push(message),
  })
  const engine = createEngine(options)
  engine.start()
  await engine.ended
  expect(scriptErrors).toEqual(Array(6).fill('test.ts:1:1: Error: refused by the safety guard'))
  const count = (host: string) => refused.filter(one => one === host).length
  expect([count('203.0.113.5'), count('203.0.113.7')]).toEqual([6, 6])
  const http = (context: SetupContext) => context.http.get('http://203.0.113.8/')
  const script = { ...options.script, setup: http, teardown: http }
  await runSetup({ ...options, script })
  await runTeardown({ ...options, script }, undefined)
  expect(count('203.0.113.8')).toBe(2)
  expect([paths, connections]).toEqual([[], 0])
})
