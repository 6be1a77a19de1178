import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InternalError } from '../../base/index.ts'
import { Histogram } from '../histogram.ts'
import { parseThreshold } from '../judge/parse-threshold.ts'
import type { RunSummary } from '../run-summary.ts'
import type { WindowData } from '../window.ts'
import { anyRunEvent, windowsOf, type RunEvent } from '../testing/samples.ts'
import { RunAccumulator, type MergedSecond, type RunAccumulatorOptions } from './run-accumulator.ts'

const facts = {
  ...{ id: 'run-1', script: 'shop.ts', startedAtUnixMs: 0, durationUs: 6_000_000, seed: 1 },
  ...({ endState: 'finished', endReason: undefined, refusedHost: undefined } as const),
  model: 'open' as const,
  ...{ tags: {}, loadstoneVersion: '0.1.0' },
}
const scenarios = [{ scenario: 'shop', model: 'open' as const }]
const thresholds = [
  'p95 < 500ms',
  'errors < 50% for 2s',
  'GET *: max < 1s, abort',
  'drops < 9',
].map(text => parseThreshold(text, 'test'))

function accumulator(options: Partial<RunAccumulatorOptions> = {}): RunAccumulator {
  return new RunAccumulator({ workers: [0], scenarios, thresholds, ...options })
}

const contentOf = (histogram: Histogram) => ({
  ...{ min: histogram.minUs, max: histogram.maxUs, sum: histogram.sumUs },
  buckets: [...histogram.buckets()],
})

/** Everything of a summary that must not depend on the split, with histograms spelled out. */
function comparable(summary: RunSummary): unknown {
  const run = { ...summary.run, workers: 0 }
  const validity = { ...summary.validity, workers: [], keptDropped: 0 }
  const spelled = JSON.stringify(
    { ...summary, kept: [], keptDropped: 0, run, validity },
    (_key, value: unknown) => {
      if (value instanceof Histogram) return contentOf(value)
      if (value !== null && typeof value === 'object' && 'encoded' in value) return undefined
      return value
    },
  )
  const timeline = summary.timeline.map(point => ({
    ...{ index: point.index, users: point.users, requests: point.requests },
    ...{ failures: point.failures, drops: point.drops, latency: contentOf(point.latency) },
    names: point.perName
      .map(({ scenario, name, requests, failures, latency }) => {
        return { scenario, name, requests, failures, latency: contentOf(latency) }
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }))
  return { ...(JSON.parse(spelled) as object), timeline }
}

const sample = (atUs: number, fields: Partial<RunEvent> = {}): RunEvent => {
  const plain = { type: 'sample', kind: 'request', name: 'GET /a', failure: undefined } as const
  return { ...plain, atUs, latencyUs: 1000, delayUs: 0, ...fields } as RunEvent
}

describe('RunAccumulator', () => {
  test('any split over workers and any order of arrival give the summary of one worker', () => {
    const anyAssigned = fc.array(
      fc.record({ event: anyRunEvent, worker: fc.integer({ min: 0, max: 3 }) }),
      { minLength: 1, maxLength: 60 },
    )
    fc.assert(
      fc.property(
        anyAssigned,
        fc.integer(),
        fc.constantFrom(0, 1_500_000),
        (all, seed, warmUpUs) => {
          const single = accumulator({ warmUpUs })
          for (const window of windowsOf(
            0,
            all.map(({ event }) => event),
          ))
            single.add(window)

          const workers = [0, 1, 2, 3]
          const split = accumulator({ workers, warmUpUs })
          const windows = workers.flatMap(worker =>
            windowsOf(
              worker,
              all.filter(one => one.worker === worker).map(({ event }) => event),
            ),
          )
          const order = fc.sample(fc.shuffledSubarray(windows, { minLength: windows.length }), {
            numRuns: 1,
            seed,
          })[0]!
          for (const window of order) {
            expect(split.add(window)).toBe(true)
            expect(split.add(window)).toBe(false)
          }
          expect(comparable(split.summary({ facts }))).toEqual(
            comparable(single.summary({ facts })),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a second is released when every worker has delivered it, in order', () => {
    const released: MergedSecond[] = []
    const merged = accumulator({ workers: [0, 1], onSecond: second => released.push(second) })
    const [a0, a1] = windowsOf(0, [sample(100), sample(1_000_100)], 2_000_000)
    const [b0, b1] = windowsOf(1, [sample(200), sample(1_000_200)], 2_000_000)
    merged.add(a1!)
    merged.add(b1!)
    merged.add(a0!)
    expect(released).toEqual([])
    merged.add(b0!)
    expect(released.map(({ point }) => [point.index, point.requests])).toEqual([
      [0, 2],
      [1, 2],
    ])
    expect(released[0]?.windows.map(window => window.worker)).toEqual([0, 1])
  })

  test('nobody waits for a lost worker; what comes late from it still counts', () => {
    const released: number[] = []
    const handedOutLate: WindowData[] = []
    const merged = accumulator({
      workers: [0, 1],
      onSecond: ({ point }) => released.push(point.requests),
      onLate: window => handedOutLate.push(window),
    })
    const here = windowsOf(0, [sample(100), sample(1_000_100)], 2_000_000)
    const late = windowsOf(1, [sample(200)], 1_000_000)
    for (const window of here) merged.add(window)
    expect(released).toEqual([])
    merged.workerLost(1)
    expect(released).toEqual([1, 1])
    expect(merged.add(late[0]!)).toBe(true)
    expect(merged.add(late[0]!)).toBe(false)
    expect(handedOutLate).toEqual(late)

    const summary = merged.summary({ facts })
    expect(summary.totals.requests).toBe(3)
    expect(summary.timeline.map(point => point.requests)).toEqual([2, 1])
    expect(summary.validity.valid).toBe(false)
    expect(summary.validity.reasons[0]).toContain('Worker 1 was lost')
    expect(summary.warnings[0]).toContain('Worker 1 delivered 1 second after the run had stopped')
  })

  test('a worker that ended early holds nobody up and does not make the run invalid', () => {
    const released: number[] = []
    const merged = accumulator({
      workers: [0, 1],
      onSecond: ({ point }) => released.push(point.index),
    })
    for (const window of windowsOf(1, [], 1_000_000)) merged.add(window)
    merged.workerEnded(1)
    for (const window of windowsOf(0, [sample(2_500_000)], 3_000_000)) merged.add(window)
    expect(released).toEqual([0, 1, 2])
    expect(merged.summary({ facts }).validity.valid).toBe(true)
  })

  test('a silent worker holds the others up for a minute at most', () => {
    const released: number[] = []
    const merged = accumulator({
      workers: [0, 1],
      onSecond: ({ point }) => released.push(point.index),
    })
    for (const window of windowsOf(0, [], 100_000_000)) merged.add(window)
    expect(released.length).toBe(40)
    expect(merged.summary({ facts }).timeline.length).toBe(100)
  })

  test('a window of a worker without a share is a bug', () => {
    const [window] = windowsOf(7, [], 1_000_000)
    expect(() => accumulator().add(window!)).toThrow(InternalError)
  })

  test('warm-up is left out of everything but the timeline, rounded up to whole seconds', () => {
    const merged = accumulator({ warmUpUs: 1_200_000 })
    const events = [sample(500_000), sample(1_900_000), sample(2_100_000), sample(5_000_000)]
    for (const window of windowsOf(0, events)) merged.add(window)
    const summary = merged.summary({ facts })
    expect(summary.run.warmUpUs).toBe(2_000_000)
    expect(summary.totals).toMatchObject({ requests: 2, measuredSeconds: 4 })
    expect(summary.timeline.map(point => point.requests)).toEqual([1, 1, 1, 0, 0, 1])
    expect(summary.kept.length).toBe(2)
  })

  test('an empty run says so and fails every threshold that needs a sample', () => {
    const summary = accumulator().summary({ facts: { ...facts, durationUs: 0 } })
    expect(summary.totals).toMatchObject({ requests: 0, measuredSeconds: 0 })
    expect(summary.validity.reasons[0]).toContain('Nothing was measured')
    expect(summary.thresholds.map(({ ok }) => ok)).toEqual([false, false, false, false])
    expect(summary.scenarios).toMatchObject([{ scenario: 'shop', iterationsStarted: 0 }])
    expect(summary.timeline).toEqual([])
  })

  test('an abort threshold is told in the second that breaks it', () => {
    const seconds: MergedSecond[] = []
    const merged = accumulator({ onSecond: second => seconds.push(second) })
    const events = [sample(500_000), sample(2_500_000, { latencyUs: 1_500_000 })]
    for (const window of windowsOf(0, events)) merged.add(window)
    const aborting = seconds.map(second => second.aborting.map(one => one.threshold.expression))
    expect(aborting).toEqual([[], [], ['GET *: max < 1s, abort'], [], [], []])
  })

  test('scenarios, checks, drops and bytes add up', () => {
    const merged = accumulator({ workers: [0, 1] })
    const events: RunEvent[] = [
      { type: 'iteration', atUs: 100, delayUs: 300 },
      { type: 'check', atUs: 200, reason: 'empty list' },
      { type: 'check', atUs: 300, reason: undefined },
      { type: 'drop', atUs: 400, count: 4 },
      sample(500),
      sample(600, { kind: 'step', name: 'buy' }),
    ]
    for (const worker of [0, 1]) {
      for (const window of windowsOf(worker, events)) merged.add(window)
    }
    const summary = merged.summary({ facts })
    expect(summary.totals).toEqual({
      ...{ requests: 2, failures: 0, measuredSeconds: 6, iterations: 2, drops: 8 },
      ...{ bytesIn: 400, bytesOut: 200 },
    })
    expect(summary.checks).toEqual([
      {
        ...{ scenario: 'shop', name: 'GET /a', check: 'schema', passed: 2, failed: 2 },
        firstReason: 'empty list',
      },
    ])
    expect(summary.scenarios[0]).toMatchObject({ model: 'open', drops: { 'user limit': 8 } })
    expect(summary.scenarios[0]?.startDelay.count).toBe(2)
    expect(summary.series.map(({ kind, name }) => [kind, name])).toEqual([
      ['request', 'GET /a'],
      ['step', 'buy'],
    ])
  })

  test('folded names end in one warning that shows some of them', () => {
    const merged = accumulator()
    const [window] = windowsOf(0, [sample(100)], 1_000_000)
    merged.add({ ...(window as WindowData), foldedNames: ['GET /1', 'GET /2'] })
    const { warnings, foldedNames } = merged.summary({ facts, warnings: ['first'] })
    expect(foldedNames).toEqual(['GET /1', 'GET /2'])
    expect(warnings[0]).toBe('first')
    expect(warnings[1]).toContain('More than 500 names: "GET /1", "GET /2"')
  })

  test('keeps the slowest samples of the whole run, whichever worker saw them', () => {
    const merged = accumulator({ workers: [0, 1] })
    const events = Array.from({ length: 40 }, (_, i) =>
      sample(i * 1_000_000 + 900_000, { latencyUs: 1000 + i }),
    )
    for (const worker of [0, 1]) {
      for (const window of windowsOf(worker, events, 40_000_000)) merged.add(window)
    }
    const { kept } = merged.summary({ facts })
    expect(kept.length).toBe(20)
    expect(kept[0]!.endedAtUs - kept[0]!.startedAtUs).toBe(1039)
    expect(kept[19]!.endedAtUs - kept[19]!.startedAtUs).toBe(1030)
  })
})

describe('a long run', () => {
  const events = Array.from({ length: 3000 }, (_, i) =>
    sample(i * 2000 + 1, {
      name: i % 2 ? 'GET /a' : 'GET /b',
      latencyUs: 1 + ((i * 7919) % 900_000),
    }),
  )

  test('gives up the oldest detail of its timeline, never counts or totals', () => {
    const merged = accumulator({ timelineMaxBytes: 2000 })
    for (const window of windowsOf(0, events)) merged.add(window)
    const { timeline, totals, warnings, series } = merged.summary({ facts })
    expect(totals.requests).toBe(3000)
    expect(series.map(({ ok }) => ok.latency.count)).toEqual([1500, 1500])
    expect(timeline.map(point => point.requests)).toEqual(Array(6).fill(500))
    expect(timeline[0]?.latency.count).toBe(0)
    expect(timeline[5]?.latency.count).toBe(500)
    expect(timeline[5]?.perName.length).toBe(2)
    expect(warnings.join()).toContain('no latency for the first')
  })

  test('keeps all of it while the budget lasts', () => {
    const merged = accumulator()
    for (const window of windowsOf(0, events)) merged.add(window)
    const { timeline, warnings } = merged.summary({ facts })
    expect(timeline.map(point => point.latency.count)).toEqual(Array(6).fill(500))
    expect(timeline.map(point => point.perName.length)).toEqual(Array(6).fill(2))
    expect(warnings).toEqual([])
  })
})

test('thresholds are judged alike whether or not anybody listens to the seconds', () => {
  const events = [0.2, 1.4, 2.6].map(second => sample(second * 1e6, { latencyUs: 700_000 }))
  const judgedBy = (one: RunAccumulator) => {
    for (const window of windowsOf(0, events)) one.add(window)
    return one.summary({ facts }).thresholds
  }
  const alone = judgedBy(accumulator())
  expect(alone).toEqual(judgedBy(accumulator({ onSecond: () => undefined })))
  expect(alone.map(({ ok }) => ok)).toEqual([false, true, true, true])
})
