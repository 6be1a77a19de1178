import { describe, expect, test } from 'vitest'
import { Histogram } from '../../metrics/index.ts'
import { recordedRun } from '../testing/compared-runs.ts'
import { compareRecorded } from './compare-recorded.ts'
import { shownRows } from './comparison-report.ts'
import { groundsOf } from './comparison-words.ts'
import { earlierPair, runToRunOf } from './history.ts'
import { comparedRunOf } from './recorded-run.ts'

const verdictsOf = (report: ReturnType<typeof compareRecorded>) =>
  new Set(report.comparison.overall.measures.map(({ verdict }) => verdict))

describe('comparing two recorded runs', () => {
  test('two runs of the same thing do not regress', () => {
    const report = compareRecorded(recordedRun(), recordedRun({ id: 'again' }))
    expect(['equivalent', 'inconclusive']).toContain(report.verdict)
  })

  test('a run that is not valid is compared with nothing, and says why', () => {
    const invalidReasons = ['Worker 0 was saturated. Lower the load.']
    const candidate = recordedRun({ id: 'bad', meansUs: { 'GET /': 90_000 } })
    const report = compareRecorded(recordedRun({ meansUs: { 'GET /': 30_000 } }), {
      ...candidate,
      invalidReasons,
    })
    expect(verdictsOf(report)).toContain('regressed')
    expect(report.verdict).toBe('inconclusive')
    expect(report.because).toBe('the candidate is not valid: Worker 0 was saturated')
  })

  test('another load is told first, in words', () => {
    const report = compareRecorded(
      recordedRun(),
      recordedRun({ id: 'more', users: 40, perSecond: 120 }),
    )
    expect(report.verdict).toBe('inconclusive')
    expect(report.because).toBe('the candidate had 100 % more load: 20 and 40 users')
    expect(groundsOf(report)).toContain('The candidate had 100 % more load: 20 and 40 users.')
  })

  test('runs without a common name say so, and what each has', () => {
    const named = (...names: string[]) => ({
      ...{ seconds: 30, meansUs: Object.fromEntries(names.map(name => [name, 5000])) },
    })
    const report = compareRecorded(
      recordedRun(named('GET /old')),
      recordedRun({ id: 'new', ...named('GET /a', 'GET /b', 'GET /c', 'GET /d') }),
    )
    const words =
      'no name is in both runs: the base has GET /old, ' +
      'the candidate GET /a, GET /b, GET /c and 1 more'
    expect(report.verdict).toBe('inconclusive')
    expect(report.because).toBe(words)
    expect(groundsOf(report).slice(0, 2)).toEqual(['Compared: nothing.', `N${words.slice(1)}.`])
  })

  test('what differs about the runs themselves is noted', () => {
    const { notes } = compareRecorded(
      recordedRun({ seconds: 30, meansUs: { 'GET /old': 5000 } }),
      recordedRun({
        ...{ id: 'other', seconds: 30, meansUs: { 'GET /new': 5000 } },
        more: { script: 'b.ts', host: 'laptop', model: 'open', endState: 'aborted' },
      }),
    )
    expect(notes).toEqual([
      'The scripts differ: shop.ts and b.ts.',
      'The loads are of different kinds: closed and open.',
      'Different machines made the load: builder and laptop.',
      'The candidate did not end as planned (aborted); what it measured is compared.',
      'Only in the base: GET /old.',
      'Only in the candidate: GET /new.',
    ])
  })

  test('with many names only what changed is shown at first, the rest is counted', () => {
    const meansUs = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [`GET /${i}`, 5000 + i * 1000]),
    )
    const changed = { ...meansUs, 'GET /3': 30_000 }
    const report = compareRecorded(
      recordedRun({ meansUs }),
      recordedRun({ id: 'slow', meansUs: changed }),
    )
    const { shown, hidden } = shownRows(report)
    const named = shown.slice(report.comparison.overall.measures.length)
    expect(new Set(named.map(({ name }) => name))).toEqual(new Set(['GET /3']))
    expect(shown.length + hidden.length).toBe(9 * 4)
  })
})

describe('a recorded run as statistics sees it', () => {
  test('has every second where it was, holes included', () => {
    const run = recordedRun({ seconds: 10 })
    const holed = { ...run, seconds: run.seconds.filter(({ index }) => index % 3 !== 0) }
    const { overall } = comparedRunOf(holed)
    expect(overall.seconds).toBe(9)
    const counts = Array.from({ length: 9 }, (_, i) => overall.merged(i, i + 1).count)
    expect(counts).toEqual([0, 120, 120, 0, 120, 120, 0, 120, 120])
    expect(overall.merged(0, 9).count).toBe(720)
  })

  test('has failures, the latency of both outcomes, and two scenarios told apart', () => {
    const run = recordedRun({ seconds: 3, failedRatio: 0.1 })
    const orders = comparedRunOf(run).names.get('POST /api/orders')!.merged(0, 3)
    expect([orders.count, orders.failures]).toEqual([180, 18])
    const two = run.seconds.map(second => ({
      ...second,
      scenarios: [...second.scenarios, { ...second.scenarios[0]!, scenario: 'admin' }],
    }))
    const { names, closedUsers } = comparedRunOf({ ...run, seconds: two })
    expect([...names.keys()]).toContain('shopper › POST /api/orders')
    expect(closedUsers).toBe(40)
  })

  test('with another run, a name that only one has is not part of all together', () => {
    const added = { 'GET /a': 5000, 'GET /new': 100 }
    const candidate = recordedRun({ id: 'b', seconds: 2, meansUs: added })
    const base = recordedRun({ seconds: 2, meansUs: { 'GET /a': 5000 } })
    expect(comparedRunOf(candidate).overall.merged(0, 2).count).toBe(240)
    expect(comparedRunOf(candidate, base).overall.merged(0, 2).count).toBe(120)
    expect([...comparedRunOf(candidate, base).names.keys()]).toContain('GET /new')
  })

  test('steps and polls are names of their own and not part of all exchanges', () => {
    const run = recordedRun({ seconds: 2 })
    const latency = Histogram.of([1000, 2000]).encode()
    const step = { ...run.seconds[0]!.series[0]!, kind: 'step' as const, name: 'order', latency }
    const seconds = run.seconds.map(second => ({ ...second, series: [...second.series, step] }))
    const { overall, names } = comparedRunOf({ ...run, seconds })
    expect(names.get('order (step)')!.merged(0, 2).count).toBe(4)
    expect(overall.merged(0, 2).count).toBe(240)
  })

  test('leaves out the declared warm-up and the partial second at its end', () => {
    const run = recordedRun({ seconds: 20 })
    const part = { fromSecond: 3, toSecond: 17 }
    expect(comparedRunOf({ ...run, warmUpUs: 2_500_000, durationUs: 17_900_000 }).part).toEqual(
      part,
    )
  })
})

describe('how much runs of the same thing differ', () => {
  test('is assumed with fewer than five pairs of earlier runs', () => {
    const pair = { p50: { logRatio: 0.2, windowError: 0 } }
    const { runToRun, pairs, words } = runToRunOf(Array(4).fill(pair))
    expect([runToRun.p50.deviation, pairs]).toEqual([0.03, 0])
    expect(words).toContain('assumed; from 5 pairs')
  })

  test('is measured from five, for each percentile that has so many', () => {
    const pair = { p50: { logRatio: 0.1, windowError: 0 } }
    const { runToRun, pairs, words } = runToRunOf(Array(5).fill(pair))
    // s = 0.1 / sqrt(2): a difference of two runs has twice the variance of one.
    expect(runToRun.p50.deviation).toBeCloseTo(0.0707, 4)
    expect(runToRun.p99.deviation).toBe(0.08)
    expect([pairs, runToRun.p50.freedom]).toEqual([5, 5])
    expect(words).toMatch(/p50 7\.1 %, p95 6\.5 % \(assumed\).*\(measured from 5 pairs/)
  })

  test('a pair is told by its distance and by the error within the two runs', () => {
    const [one, other] = [recordedRun(), recordedRun({ id: 'again' })].map(run =>
      comparedRunOf(run),
    )
    const pair = earlierPair(one!, other!)!
    expect(Math.abs(pair.p50!.logRatio)).toBeLessThan(0.1)
    expect(pair.p50!.windowError).toBeGreaterThan(0)
    expect(pair.p50!.windowError).toBeLessThan(0.1)
  })

  test('runs that are too short are no pair', () => {
    const [one, other] = ['a', 'b'].map(id => comparedRunOf(recordedRun({ id, seconds: 10 })))
    expect(earlierPair(one!, other!)).toBeUndefined()
  })

  test('runs under different loads are no pair', () => {
    const [one, other] = [recordedRun(), recordedRun({ id: 'more', users: 40 })].map(run =>
      comparedRunOf(run),
    )
    expect(earlierPair(one!, other!)).toBeUndefined()
  })
})
