import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exitCodes } from '../base/index.ts'
import { FakeClock } from '../base/testing/fake-clock.ts'
import { decideExit, parseThreshold, type RunSummary } from '../metrics/index.ts'
import type { TestPlan } from '../plan/index.ts'
import { plainScenario } from '../plan/testing/plain-plan.ts'
import { startRun, type RunningRun } from './controller.ts'
import { rowsOfShare } from './leading/shares.ts'
import { planOf, ScriptedTransport, type ScriptedLink } from './testing/scripted-transport.ts'

interface Stage {
  readonly run: RunningRun
  readonly clock: FakeClock
  readonly links: readonly ScriptedLink[]
  readonly phases: string[]
  readonly logs: string[]
  readonly marks: string[]
}

async function stage(
  change: Partial<TestPlan> = {},
  prepare: (links: readonly ScriptedLink[]) => void = () => {},
): Promise<Stage> {
  const clock = new FakeClock()
  const transport = new ScriptedTransport()
  const plan = planOf(change)
  const links = (await transport.connect(plan.workers)) as readonly ScriptedLink[]
  prepare(links)
  const phases: string[] = []
  const logs: string[] = []
  const marks: string[] = []
  const run = startRun({
    ...{ runId: 'run-1', plan, transport, clock, data: [] },
    bundle: { code: '', sha256: '', scriptPath: '/shop.ts' },
    logLevel: 'info',
    loadstoneVersion: '0',
    listeners: {
      onPhase: phase => phases.push(phase),
      onSecond: () => {},
      onMark: ({ atUs, kind, text }) => marks.push(`${atUs / 1e6} ${kind}: ${text}`),
      onLog: (_level, message) => logs.push(message),
      onScriptError: () => {},
    },
  })
  await clock.advance(0)
  return { run, clock, links, phases, logs, marks }
}

const first = ({ links }: Stage) => links[0] as ScriptedLink
const verdict = (summary: RunSummary) => exitCodes[decideExit(summary)]

describe('a controller', () => {
  test('adds up what all workers measured', async () => {
    const { run, clock, links } = await stage({ workers: 2 })
    expect(links.map(link => link.kinds)).toEqual([
      ['prepare', 'start'],
      ['prepare', 'start'],
    ])
    for (const link of links) {
      link.window(0, 10 + link.worker)
      link.end()
    }
    await clock.advance(1_000_000)
    const summary = await run.ended
    expect(summary.totals.requests).toBe(21)
    expect(summary.run).toMatchObject({ id: 'run-1', endState: 'finished', workers: 2 })
    expect(verdict(summary)).toBe(0)
    expect(links.map(link => link.closed)).toEqual([1, 1])
  })

  test('tells every worker the same of a live change, and marks it once', async () => {
    const segments = [{ fromPerSecond: 4, toPerSecond: 4, durationUs: 60e6 }]
    const load = { kind: 'rate', segments, poisson: false, maxUsers: 10 } as const
    const shopper = plainScenario({ name: 'shopper', load })
    const { run, clock, links, marks } = await stage({ workers: 2, scenarios: [shopper] })
    await clock.advance(2_050_000)
    run.changeRate(2)
    run.setPaused(true)
    expect(run.paused).toBe(true)
    run.setPaused(true)
    run.setPaused(false)
    expect(() => run.adjustUsers(1)).toThrow('no scenario of this run is by users')
    run.stop('graceful')
    for (const link of links) {
      expect(link.sent.slice(2)).toEqual([
        { kind: 'changeRate', change: { fromUs: 2_100_000, factor: 2 } },
        { kind: 'pause', paused: true },
        { kind: 'pause', paused: false },
        { kind: 'stop', how: 'graceful' },
      ])
      link.end()
    }
    await run.ended
    expect(marks).toEqual([
      '2.1 rate: rate to 200 % by hand',
      '2 pause: paused by hand',
      '2 resume: resumed by hand',
      '2 stop: stopped by hand',
    ])
    run.changeRate(2)
    run.adjustUsers(1)
    expect(marks).toHaveLength(4)
  })

  test('gives all workers the same start, in the future', async () => {
    const { links } = await stage({ workers: 3 })
    const starts = links.map(link => link.sent.find(({ kind }) => kind === 'start'))
    expect(new Set(starts.map(start => JSON.stringify(start))).size).toBe(1)
  })

  test('keeps what a lost worker measured and says that the run is invalid', async () => {
    const { run, clock, links } = await stage({ workers: 2 })
    links[0]?.window(0, 5)
    links[1]?.window(0, 5)
    links[1]?.lose('out of memory')
    links[0]?.window(1, 5)
    links[0]?.end()
    await clock.advance(1_000_000)
    const summary = await run.ended
    expect(summary.totals.requests).toBe(15)
    expect(summary.validity.valid).toBe(false)
    expect(summary.warnings.join()).toMatch(/Worker 1 was lost .*out of memory/)
    expect(verdict(summary)).toBe(97)
  })

  test('gives up a worker that is silent for 30 s, and blames the script', async () => {
    const { run, clock, links } = await stage({ stopTimeoutUs: 60_000_000 })
    links[0]?.window(0, 3)
    await clock.advance(29_000_000)
    expect(links[0]?.closed).toBe(0)
    await clock.advance(2_000_000)
    const summary = await run.ended
    expect(links[0]?.closed).toBe(1)
    expect(summary.totals.requests).toBe(3)
    expect(summary.scriptErrors[0]?.message).toMatch(/blocked worker 0/)
    expect(verdict(summary)).toBe(107)
  })

  test('never outlives the declared end by more than the stop timeout and 6 s', async () => {
    const { run, clock, links } = await stage()
    for (let second = 0; second < 20; second++) {
      links[0]?.window(second, 1)
      await clock.advance(1_000_000)
    }
    expect(links[0]?.closed).toBe(0)
    await clock.advance(3_000_000)
    expect((await run.ended).totals.requests).toBe(20)
    expect(links[0]?.closed).toBe(1)
  })

  test('stops gracefully, then at once, and calls that aborted', async () => {
    const { run, clock, links } = await stage()
    run.stop('graceful')
    run.stop('now')
    expect(links[0]?.sent.slice(2)).toEqual([
      { kind: 'stop', how: 'graceful' },
      { kind: 'stop', how: 'now' },
    ])
    links[0]?.end()
    await clock.advance(0)
    const summary = await run.ended
    expect(summary.run.endState).toBe('aborted')
    expect(verdict(summary)).toBe(105)
  })

  test('a stop before the workers are ready starts nothing', async () => {
    const scene = await stage({}, links => {
      for (const link of links) link.answer = () => {}
    })
    scene.run.stop('graceful')
    await scene.clock.advance(0)
    expect((await scene.run.ended).run.endState).toBe('aborted')
    expect(first(scene).kinds).not.toContain('start')
  })

  test('a stop during setup lets it finish, loads nothing and tears down', async () => {
    const scene = await stage({ hasSetup: true, hasTeardown: true })
    const link = first(scene)
    expect(link.kinds).toEqual(['prepare', 'setup'])
    scene.run.stop('graceful')
    link.say({ kind: 'setupDone', worker: 0, setup: { cart: 7 }, error: undefined })
    await scene.clock.advance(0)
    expect(link.sent.at(-1)).toEqual({ kind: 'teardown', setup: { cart: 7 } })
    link.say({ kind: 'teardownDone', worker: 0, error: undefined })
    await scene.clock.advance(0)
    expect((await scene.run.ended).run.endState).toBe('aborted')
    expect(link.kinds).not.toContain('start')
  })

  test('a failing setup is a script error and nothing starts', async () => {
    const scene = await stage({ hasSetup: true, hasTeardown: true })
    const error = 'shop.ts:3:1: Error: no such tenant'
    first(scene).say({ kind: 'setupDone', worker: 0, setup: undefined, error })
    await scene.clock.advance(0)
    const summary = await scene.run.ended
    expect(summary.scriptErrors).toEqual([{ scenario: 'setup', message: error, count: 1 }])
    expect(first(scene).kinds).toEqual(['prepare', 'setup', 'close'])
    expect(verdict(summary)).toBe(107)
  })

  test('a setup that never ends is given up after 60 s', async () => {
    const scene = await stage({ hasSetup: true })
    await scene.clock.advance(61_000_000)
    expect((await scene.run.ended).scriptErrors[0]?.message).toMatch(/not done after 60 s/)
  })

  test('what setup returned reaches every worker and the teardown', async () => {
    const scene = await stage({ workers: 2, hasSetup: true, hasTeardown: true })
    const setup = { token: 'abc' }
    first(scene).say({ kind: 'setupDone', worker: 0, setup, error: undefined })
    await scene.clock.advance(0)
    for (const link of scene.links) {
      expect(link.sent.at(-1)).toMatchObject({ kind: 'start', setup })
      link.end()
    }
    await scene.clock.advance(0)
    expect(first(scene).sent.at(-1)).toEqual({ kind: 'teardown', setup })
    expect(scene.links[1]?.kinds).not.toContain('teardown')
  })

  test('a worker that says it crashed ends the run as crashed, with its figures', async () => {
    const scene = await stage()
    first(scene).window(0, 4)
    first(scene).say({
      ...{ kind: 'crashed', worker: 0, blame: 'us' },
      message: 'InternalError: impossible',
    })
    await scene.clock.advance(0)
    const summary = await scene.run.ended
    expect(summary.totals.requests).toBe(4)
    expect(summary.run).toMatchObject({ endState: 'crashed' })
    expect(summary.run.endReason).toContain('impossible')
    expect(verdict(summary)).toBe(1)
  })

  test('a script that only a worker cannot load is an error of the script', async () => {
    const scene = await stage({}, links => {
      for (const link of links) link.answer = () => {}
    })
    const message = 'shop.ts:1:7: Error: listen EADDRINUSE'
    first(scene).say({ kind: 'crashed', worker: 0, blame: 'script', message })
    await scene.clock.advance(0)
    const summary = await scene.run.ended
    expect(summary.scriptErrors).toEqual([{ scenario: 'shopper', message, count: 1 }])
    expect(verdict(summary)).toBe(107)
  })

  test('a threshold with abort stops the run gracefully', async () => {
    const thresholds = [parseThreshold('max < 0.5ms, abort', 'here')]
    const scene = await stage({ thresholds })
    first(scene).window(0, 50)
    expect(first(scene).sent.at(-1)).toEqual({ kind: 'stop', how: 'graceful' })
    first(scene).end()
    await scene.clock.advance(0)
    const summary = await scene.run.ended
    expect(summary.run.endReason).toContain('max < 0.5ms')
    expect(verdict(summary)).toBe(105)
  })

  test('a host that the safety guard refused ends the run with what to do', async () => {
    const scene = await stage({ workers: 2 })
    first(scene).window(0, 50)
    first(scene).say({ kind: 'guard', worker: 0, host: '203.0.113.5' })
    scene.links[1]!.say({ kind: 'guard', worker: 1, host: '203.0.113.6' })
    for (const link of scene.links) {
      expect(link.sent.at(-1)).toEqual({ kind: 'stop', how: 'graceful' })
      expect(link.kinds.filter(kind => kind === 'stop')).toHaveLength(1)
      link.end()
    }
    await scene.clock.advance(0)
    const summary = await scene.run.ended
    expect(summary.run).toMatchObject({ endState: 'aborted', refusedHost: '203.0.113.5' })
    expect(summary.run.endReason).toContain('--allow-host 203.0.113.5')
    expect(summary.totals.requests).toBe(50)
    expect(verdict(summary)).toBe(110)
  })

  test('a host that setup was refused ends the run before any load', async () => {
    const scene = await stage({ hasSetup: true })
    first(scene).say({ kind: 'guard', worker: 0, host: 'shop.example' })
    first(scene).say({ kind: 'setupDone', worker: 0, setup: 1, error: undefined })
    await scene.clock.advance(0)
    expect(first(scene).kinds).not.toContain('start')
    expect(verdict(await scene.run.ended)).toBe(110)
  })

  test('a host that teardown was refused counts too', async () => {
    const scene = await stage({ hasTeardown: true })
    first(scene).window(0, 1)
    first(scene).end()
    await scene.clock.advance(0)
    first(scene).say({ kind: 'guard', worker: 0, host: 'shop.example' })
    first(scene).say({ kind: 'teardownDone', worker: 0, error: undefined })
    await scene.clock.advance(0)
    expect(verdict(await scene.run.ended)).toBe(110)
  })

  test('data that ran out makes the run invalid', async () => {
    const scene = await stage()
    first(scene).window(0, 1)
    first(scene).end(['shopper/accounts'])
    await scene.clock.advance(0)
    const summary = await scene.run.ended
    expect(summary.validity.reasons.join()).toContain('shopper/accounts')
    expect(verdict(summary)).toBe(97)
  })

  test('a stop after the last user has ended aborts nothing', async () => {
    const scene = await stage({ hasTeardown: true })
    first(scene).window(0, 1)
    first(scene).end()
    await scene.clock.advance(0)
    scene.run.stop('graceful')
    first(scene).say({ kind: 'teardownDone', worker: 0, error: undefined })
    await scene.clock.advance(0)
    expect((await scene.run.ended).run.endState).toBe('finished')
  })
})

describe('shares of data', () => {
  test('unique and in-order rows are given out exactly once over all workers', () => {
    const rows = fc.array(fc.tuple(fc.string()), { maxLength: 50 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 8 }), (all, count) => {
        const plan = planWithData('unique')
        const data = [{ scenario: 'shopper', name: 'accounts', rows: all }]
        const shares = Array.from({ length: count }, (_, index) =>
          rowsOfShare(plan, data, { index, count }).flatMap(source => source.rows),
        )
        expect(shares.flat().sort()).toEqual([...all].sort())
      }),
    )
  })

  test('every worker gets all rows of a source that is drawn at random', () => {
    const data = [{ scenario: 'shopper', name: 'accounts', rows: [['a'], ['b']] }]
    const share = { index: 1, count: 2 }
    expect(rowsOfShare(planWithData('random'), data, share)).toEqual(data)
  })
})

function planWithData(give: 'unique' | 'random'): TestPlan {
  const plan = planOf()
  const [scenario] = plan.scenarios
  if (scenario === undefined) throw new Error('the plan has no scenario')
  const source = { name: 'accounts', give, per: 'user', columns: ['email'], rowCount: 2 } as const
  return { ...plan, scenarios: [{ ...scenario, data: [source] }] }
}
