import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseThreshold, type WindowData } from '../metrics/index.ts'
import { anyWindows, windowsOf } from '../metrics/testing/samples.ts'
import { plainScenario } from '../plan/testing/plain-plan.ts'
import { openStore } from './open-store.ts'
import type { RunStore, RunWriter } from './stored-run.ts'
import { postgresPlaces, sqlitePlaces, type StorePlaces } from './testing/databases.ts'
import { measured, newRun, plain, writeRun } from './testing/runs.ts'

const neverTold = (message: string) => expect.unreachable(message)

const someWindows = anyWindows(40)

/** One request a second and worker, over so many seconds. */
function steadyWindows(seconds: number): WindowData[] {
  const events = Array.from({ length: seconds }, (_, second) => ({
    ...({ type: 'sample', kind: 'request', name: 'GET /a' } as const),
    ...{ atUs: second * 1e6 + 5e5, latencyUs: 1000 + second, delayUs: 0, failure: undefined },
  }))
  return [0, 1, 2].flatMap(worker => windowsOf(worker, events, seconds * 1e6))
}

describe.each([
  ['SQLite', sqlitePlaces],
  ['PostgreSQL', postgresPlaces],
])('a store in %s', (_name, makePlaces) => {
  let places: StorePlaces
  let store: RunStore
  beforeAll(async () => {
    places = await makePlaces()
    store = await openStore(await places.fresh())
  }, 60_000)
  afterAll(async () => {
    await store.close()
    await places.close()
  }, 60_000)

  const freshStore = async () => openStore(await places.fresh())

  test('gives back what was stored', async () => {
    const run = newRun('20250102-000000-aaaaaa', {}, { tags: { branch: 'main' } })
    const writer = await store.begin(run, neverTold)
    writer.started(1_700_000_000_500)
    const made = measured(run, steadyWindows(3), 3e6)
    writer.append(made.seconds[0]!)
    writer.mark({ atUs: 1_234_567.8, kind: 'users', text: '+10 users by hand' })
    for (const second of made.seconds.slice(1)) writer.append(second)
    writer.mark({ atUs: 2e6, kind: 'stop', text: 'stopped' })
    await writer.end(made.summary, 'thresholds')

    const found = await store.find(run.id)
    expect(found).toMatchObject({
      ...{ id: run.id, startedAtUnixMs: 1_700_000_000_500, state: 'finished', seconds: 3 },
      ...{ requests: 9, failures: 0, drops: 0, environment: run.environment },
      marks: [
        { atUs: 1_234_568, kind: 'users', text: '+10 users by hand' },
        { atUs: 2_000_000, kind: 'stop', text: 'stopped' },
      ],
      end: { verdict: 'thresholds', warnings: ['Something to know.'] },
    })
    expect(found.plan.tags).toEqual({ branch: 'main' })
    expect(found.storedBytes).toBeGreaterThan(100)
    expect(await store.seconds(run.id)).toEqual(made.seconds)
    expect(await store.seconds(run.id, { from: 1, to: 2 })).toEqual([made.seconds[1]])
    expect(await store.runs()).toEqual([found])
  })

  test('makes the same summary again from the seconds', async () => {
    let count = 0
    await fc.assert(
      fc.asyncProperty(someWindows, fc.constantFrom(0, 2e6), async (windows, warmUpUs) => {
        const thresholds = [parseThreshold('p95 < 300ms', 'test'), parseThreshold('x: rps > 1', '')]
        const run = newRun(`property-${count++}`, {}, { warmUpUs, thresholds })
        const made = measured(run, windows, 6e6)
        await writeRun(await store.begin(run, neverTold), made)
        const summary = await store.summary(run.id)
        expect(plain(summary)).toEqual(plain(made.summary))
        const { eventLoopUtilization, workers, keptDropped } = made.summary.validity
        expect(await store.find(run.id)).toMatchObject({
          end: { generator: { eventLoopUtilization, workers, keptDropped } },
          requests: made.summary.totals.requests,
          failures: made.summary.totals.failures,
          drops: made.summary.totals.drops,
        })
      }),
      { numRuns: 20 },
    )
  })

  test('agrees with the summary however late windows come', async () => {
    let count = 0
    const anyLateness = fc.array(fc.nat(3), { minLength: 3, maxLength: 3 })
    // Samples in the first six seconds; after them only how busy the workers were.
    const longer = (windows: readonly WindowData[]) =>
      [0, 1, 2].flatMap(worker => {
        const own = windows.filter(one => one.worker === worker)
        const known = new Set(own.map(({ index }) => index))
        return [...own, ...windowsOf(worker, [], 90e6).filter(({ index }) => !known.has(index))]
      })
    let late = 0
    await fc.assert(
      fc.asyncProperty(someWindows.map(longer), anyLateness, async (windows, lateness) => {
        const run = newRun(`late-${count++}`)
        // A worker's seconds 0 to 44 come with those of the others, or up to two minutes later.
        const made = measured(run, windows, 90e6, ({ index, worker }) => {
          return index < 45 ? index + 40 * (lateness[worker] ?? 0) : index
        })
        late += made.told.filter(one => 'late' in one).length
        await writeRun(await store.begin(run, neverTold), made)
        expect(plain(await store.summary(run.id))).toEqual(plain(made.summary))
        const requests = async (span: 1 | 10 | 60) =>
          (await store.seconds(run.id, { span }))
            .flatMap(({ series }) => series.filter(({ kind }) => kind === 'request'))
            .reduce((sum, series) => sum + series.count, 0)
        const { totals } = made.summary
        expect([await requests(1), await requests(10), await requests(60)]).toEqual(
          [1, 1, 1].map(() => totals.requests),
        )
        expect(await store.find(run.id)).toMatchObject({ requests: totals.requests, seconds: 90 })
      }),
      { numRuns: 20 },
    )
    expect(late).toBeGreaterThan(0)
  })

  test('has seconds merged over 10 and 60, while the run goes on and after it', async () => {
    const run = newRun('spans')
    const made = measured(run, steadyWindows(75), 75e6)
    const writer = await store.begin(run, neverTold)
    for (const second of made.seconds) writer.append(second)
    // What comes after is written after: an empty range says nothing, a known mark does.
    writer.mark({ atUs: 75e6, kind: 'stop', text: 'last' })
    while ((await store.find(run.id)).marks.length === 0) continue
    const shape = async (span: 1 | 10 | 60, range: { from?: number; to?: number } = {}) =>
      (await store.seconds(run.id, { span, ...range })).map(one => [
        ...[one.index, one.seconds],
        one.series.reduce((sum, series) => sum + series.count, 0),
      ])
    const minutes = [
      [0, 60, 180],
      [60, 15, 45],
    ]
    const tens = [0, 10, 20, 30, 40, 50, 60].map(index => [index, 10, 30])
    expect(await shape(60)).toEqual(minutes)
    expect(await shape(10)).toEqual([...tens, [70, 5, 15]])
    // A stretch is cut to the second.
    expect(await shape(10, { from: 15, to: 31 })).toEqual([
      [15, 5, 15],
      [20, 10, 30],
      [30, 1, 3],
    ])
    expect(await shape(60, { from: 7, to: 68 })).toEqual([
      [7, 53, 159],
      [60, 8, 24],
    ])
    expect(await shape(10, { from: 72 })).toEqual([[72, 3, 9]])
    await writer.end(made.summary, 'pass')
    expect(await shape(60)).toEqual(minutes)
    expect(await shape(10)).toEqual([...tens, [70, 5, 15]])
    expect((await shape(1)).length).toBe(75)
  })

  test('keeps the samples most worth a look in a span, and counts what goes', async () => {
    const failing = Array.from({ length: 60 }, (_, second) => ({
      ...({ type: 'sample', kind: 'request', name: 'GET /a' } as const),
      ...{ atUs: second * 1e6 + 5e5, latencyUs: 1000, delayUs: 0, failure: 'timeout' },
    }))
    const run = newRun('kept')
    const made = measured(
      run,
      [0, 1, 2].flatMap(w => windowsOf(w, failing, 60e6)),
      60e6,
    )
    await writeRun(await store.begin(run, neverTold), made)
    const [minute] = await store.seconds(run.id, { span: 60 })
    expect(minute?.kept.length).toBeLessThanOrEqual(50)
    expect(minute!.kept.length + minute!.keptDropped).toBe(180)
    expect(minute?.kept[0]).toMatchObject({ why: 'failed', failure: 'timeout', endedAtUs: 5e5 })
  })

  test('shows a run that was killed with all it had stored', async () => {
    const run = newRun('killed')
    const made = measured(run, steadyWindows(12), 12e6)
    const writer = await store.begin(run, neverTold)
    for (const second of made.seconds) writer.append(second)
    writer.mark({ atUs: 12e6, kind: 'stop', text: 'last' })
    while ((await store.find(run.id)).marks.length === 0) continue
    expect((await store.find(run.id)).state).toBe('running')
    const summary = await store.summary(run.id)
    expect(summary.totals).toEqual(made.summary.totals)
    expect(summary.run).toMatchObject({ endState: 'crashed', durationUs: 12e6 })
    expect(summary.run.endReason).toContain('still running')
  })

  test('keeps no secrets', async () => {
    const scenarios = [
      plainScenario({
        name: 'shop',
        headers: { Authorization: 'Bearer hush-1', accept: 'text/html' },
        proxy: 'http://ann:hush-2@proxy:3128/',
        tls: {
          ...{ ca: 'CA', cert: 'CERT', key: 'hush-3' },
          ...{ serverName: undefined, insecure: false },
        },
      }),
    ]
    const run = newRun('secrets', {}, { scenarios, env: { PASSWORD: 'hush-4' } })
    await writeRun(await store.begin(run, neverTold), measured(run, steadyWindows(1), 1e6))
    const found = await store.find('secrets')
    expect(JSON.stringify(found)).not.toContain('hush')
    expect(found.plan.env).toEqual({ PASSWORD: '***' })
    expect(found.plan.scenarios[0]?.headers).toEqual({ Authorization: '***', accept: 'text/html' })
  })

  test('keeps how it was judged, numbers that JSON has no words for included', async () => {
    const run = newRun('numbers')
    const made = measured(run, steadyWindows(1), 1e6)
    const threshold = { ...parseThreshold('p95 < 1s', 'test'), limit: Infinity }
    const result = { threshold, ok: false, measured: NaN, brokenAtUs: undefined, note: undefined }
    const writer = await store.begin(run, neverTold)
    const baseline = {
      ...({ runId: 'before', verdict: 'equivalent' } as const),
      ...{ because: 'nothing differs', strict: true },
    }
    await writer.end({ ...made.summary, thresholds: [result], baseline }, 'thresholds')
    const summary = await store.summary('numbers')
    expect([summary.thresholds, summary.baseline]).toEqual([[result], baseline])
  })

  test('is used by several runs at once, and by several stores', async () => {
    const where = await places.fresh()
    const stores = await Promise.all([openStore(where), openStore(where), openStore(where)])
    const runs = [0, 1, 2].map(number => newRun(`at-once-${number}`))
    await Promise.all(
      runs.map(async (run, number) => {
        const made = measured(run, steadyWindows(20), 20e6)
        await writeRun(await stores[number]!.begin(run, neverTold), made)
      }),
    )
    for (const run of runs) expect(await stores[0]?.seconds(run.id)).toHaveLength(20)
    await Promise.all(stores.map(one => one.close()))
  })

  test('refuses a second run of the same id', async () => {
    await store.begin(newRun('twice'), neverTold)
    await expect(store.begin(newRun('twice'), neverTold)).rejects.toThrow(/unique/i)
  })

  describe('with three runs', () => {
    const ids = ['20250101-a1', '20250101-b2', '20250102-c3']
    let three: RunStore
    const writers: RunWriter[] = []
    beforeAll(async () => {
      three = await freshStore()
      await expect(three.find('last')).rejects.toThrow('the store is empty')
      for (const [number, id] of ids.entries()) {
        const startedAtUnixMs = 1_700_000_000_000 + number * 60_000
        const tags: Record<string, string> = number === 0 ? { team: 'red' } : { team: 'blue' }
        const run = newRun(id, { startedAtUnixMs }, { tags })
        const writer = await three.begin(run, neverTold)
        writers.push(writer)
        await writeRun(writer, measured(run, steadyWindows(5), 5e6))
      }
    })
    afterAll(() => three.close())

    test('lists the newest first, by tag, up to a limit', async () => {
      const idsOf = async (filter = {}) => (await three.runs(filter)).map(({ id }) => id)
      expect(await idsOf()).toEqual(ids.toReversed())
      expect(await idsOf({ tags: { team: 'blue' } })).toEqual([ids[2], ids[1]])
      expect(await idsOf({ tags: { team: 'blue' }, limit: 1 })).toEqual([ids[2]])
      expect(await idsOf({ tags: { team: 'blue', place: 'x' } })).toEqual([])
    })

    test('finds one by its id, a beginning of it, or as the last', async () => {
      for (const which of [ids[1]!, '20250101-b', ids[1]!.slice(0, 10)]) {
        expect((await three.find(which)).id).toBe(ids[1])
      }
      expect((await three.find('last')).id).toBe(ids[2])
      await expect(three.find('20250101')).rejects.toThrow(
        /several runs begin with "20250101".*b2, 20250101-a1/,
      )
      await expect(three.find('xyz')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
      await expect(three.find('xyz')).rejects.toThrow(/no run is called "xyz"; the newest are/)
      await expect(three.find('')).rejects.toThrow(/several runs/)
    })

    test('prunes by age and size, and deletes', async () => {
      const [newest] = await three.runs()
      const bytes = newest!.storedBytes
      expect(await three.prune({})).toEqual([])
      expect(await three.prune({ startedBeforeUnixMs: 1_700_000_060_000 })).toEqual([ids[0]])
      expect(await three.prune({ storedBytesMax: bytes * 1.5 })).toEqual([ids[1]])
      const going = await three.begin(newRun('going', { startedAtUnixMs: 0 }), neverTold)
      expect(await three.prune({ startedBeforeUnixMs: 1e12, storedBytesMax: 1e9 })).toEqual([])
      await going.end(measured(newRun('going'), [], 0).summary, 'pass')
      expect(await three.delete([ids[2]!, 'nobody'])).toBe(1)
      expect((await three.runs()).map(({ id }) => id)).toEqual(['going'])
      expect(await three.seconds(ids[2]!)).toEqual([])
    })
  })

  test('a run that is deleted while it is written says so once, and goes on', async () => {
    const told: string[] = []
    const run = newRun('deleted-meanwhile')
    const writer = await store.begin(run, message => told.push(message))
    await store.delete([run.id])
    await writeRun(writer, measured(run, steadyWindows(8), 8e6))
    expect(told).toEqual([
      expect.stringMatching(/cannot be written: .*foreign key.*; the run goes on/i),
      expect.stringMatching(/misses \d+ entries of this run/),
    ])
  })
})
