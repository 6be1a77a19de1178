import { describe, expect, test } from 'vitest'
import type { WindowData } from '../window.ts'
import { recorderInto, sampleOf } from '../testing/samples.ts'
import { parseThreshold } from './parse-threshold.ts'
import { ThresholdWatch } from './threshold-watch.ts'

interface Second {
  readonly latenciesMs?: readonly number[]
  readonly failed?: number
  readonly name?: string
  readonly kind?: 'request' | 'step'
  readonly checks?: readonly boolean[]
  readonly drops?: number
}

/** The window of one second in which every exchange took one of the given times. */
function windowOf(index: number, second: Second): WindowData {
  const windows: WindowData[] = []
  const recorder = recorderInto(windows)
  recorder.closeUpTo(index * 1e6)
  const seriesId = recorder.series(second.kind ?? 'request', 'shop', second.name ?? 'GET /a')
  const endedAtUs = index * 1e6 + 500_000
  const latencies = second.latenciesMs ?? []
  latencies.forEach((ms, i) => {
    const failure = i < (second.failed ?? 0) ? 'status 500' : undefined
    recorder.record(sampleOf({ seriesId, startedAtUs: endedAtUs - ms * 1000, endedAtUs, failure }))
  })
  const checkId = recorder.check('shop', 'GET /a', 'schema')
  for (const ok of second.checks ?? []) recorder.recordCheck(checkId, ok ? undefined : 'bad')
  const scenarioId = recorder.scenario('shop')
  recorder.dropped(scenarioId, 'user limit', second.drops ?? 0)
  recorder.finish(index * 1e6 + 999_999)
  return windows.at(-1)!
}

/** Judges an expression over the given seconds; tells in which second it broke, if in one. */
function judge(expression: string, seconds: readonly Second[], runningOutFrom = Infinity) {
  const watch = new ThresholdWatch(parseThreshold(expression, 'test'))
  const windows = seconds.map((second, index) => windowOf(index, second))
  const broke = windows.map((window, index) =>
    watch.addSecond({ index, windows: [window], runningOut: index >= runningOutFrom }),
  )
  const seenNames = windows.flatMap(window => window.series.map(series => series.name))
  const result = watch.result({ measuredSeconds: seconds.length, seenNames })
  return { ...result, brokeIn: broke.indexOf(true) }
}

const steady = (ms: number, seconds: number): Second[] =>
  Array.from({ length: seconds }, () => ({ latenciesMs: Array<number>(10).fill(ms) }))

describe('a plain threshold', () => {
  test('is judged over the whole run, both outcomes together', () => {
    const seconds = [{ latenciesMs: [10, 20, 30], failed: 1 }, { latenciesMs: [40] }]
    expect(judge('max < 40ms', seconds)).toMatchObject({ ok: false, measured: 40_000 })
    expect(judge('max <= 40ms', seconds)).toMatchObject({ ok: true, measured: 40_000 })
    expect(judge('avg < 26ms', seconds)).toMatchObject({ ok: true, measured: 25_000 })
    expect(judge('min > 9ms', seconds)).toMatchObject({ ok: true, measured: 10_000 })
    expect(judge('p50 < 25ms', seconds)).toMatchObject({ ok: true, measured: 20_000 })
    expect(judge('errors < 25%', seconds)).toMatchObject({ ok: false, measured: 0.25 })
    expect(judge('rps >= 2', seconds)).toMatchObject({ ok: true, measured: 2 })
    expect(judge('rps > 2', seconds)).toMatchObject({ ok: false, measured: 2 })
  })

  test('drops and checks are counted', () => {
    const seconds = [
      { drops: 2, checks: [true, true, true] },
      { drops: 3, checks: [false] },
    ]
    expect(judge('drops < 5', seconds)).toMatchObject({ ok: false, measured: 5 })
    expect(judge('shop: drops <= 5', seconds)).toMatchObject({ ok: true, measured: 5 })
    expect(judge('checks >= 75%', seconds)).toMatchObject({ ok: true, measured: 0.75 })
    expect(judge('schema: checks > 80%', seconds)).toMatchObject({ ok: false, measured: 0.75 })
    expect(judge('GET /a: checks > 70%', seconds)).toMatchObject({ ok: true, measured: 0.75 })
  })

  test('fails without a sample, whichever way it compares', () => {
    for (const expression of ['p95 < 1s', 'p95 > 1ms', 'errors < 1%', 'rps < 5', 'checks > 1%']) {
      const result = judge(expression, [{}, {}])
      expect(result).toMatchObject({ ok: false, measured: undefined })
      expect(result.note).toMatch(/^no (sample was measured|check was made); that fails/)
    }
    expect(judge('drops < 1', [{}])).toMatchObject({ ok: true, measured: 0 })
    expect(judge('drops < 1', [])).toMatchObject({ ok: false, measured: undefined })
  })

  test('an unknown name is told with the nearest one and those that were seen', () => {
    const seconds = [
      { name: 'GET /orders/:id', latenciesMs: [1] },
      { name: 'POST /cart', latenciesMs: [1] },
    ]
    expect(judge('GET /order/:id: p95 < 1s', seconds).note).toBe(
      'no sample was measured under "GET /order/:id"; did you mean "GET /orders/:id"? ' +
        'Seen: "GET /orders/:id", "POST /cart"',
    )
    expect(judge('DELETE *: p95 < 1s', seconds).note).toBe(
      'no sample was measured under "DELETE *". Seen: "GET /orders/:id", "POST /cart"',
    )
    expect(judge('login: p95 < 1s', seconds).note).toBe(
      'no sample was measured under "login". Seen: "GET /orders/:id", "POST /cart"',
    )
  })

  test('a glob merges what it matches; steps count only where no exchange matches', () => {
    const seconds: Second[] = [
      { name: 'GET /a', latenciesMs: [10] },
      { name: 'GET /b.c', latenciesMs: [20] },
      { name: 'GET checkout', kind: 'step', latenciesMs: [500] },
    ]
    expect(judge('GET *: max < 1s', seconds)).toMatchObject({ measured: 20_000 })
    expect(judge('GET /b.c: max < 1s', seconds)).toMatchObject({ measured: 20_000 })
    expect(judge('GET /bxc: max < 1s', seconds)).toMatchObject({ measured: undefined })
    expect(judge('*checkout: max < 1s', seconds)).toMatchObject({ measured: 500_000 })
    expect(judge('max < 1s', seconds)).toMatchObject({ measured: 20_000 })
  })
})

describe("a threshold with 'for'", () => {
  test('breaks in the second that completes the stretch', () => {
    const seconds = [...steady(10, 2), ...steady(90, 3), ...steady(10, 5)]
    expect(judge('p95 < 50ms for 3s', seconds)).toMatchObject({
      ok: false,
      brokeIn: 4,
      brokenAtUs: 5_000_000,
      measured: 90_000,
    })
    expect(judge('p95 < 50ms for 4s', seconds)).toMatchObject({ ok: true, brokeIn: -1 })
  })

  test('one good second mends it', () => {
    const seconds = [...steady(90, 2), ...steady(10, 1), ...steady(90, 2)]
    expect(judge('p95 < 50ms for 3s', seconds).ok).toBe(true)
  })

  test('a silent second neither breaks nor mends latency, and is a rate of 0', () => {
    const seconds = [...steady(90, 1), {}, ...steady(90, 1), ...steady(10, 1)]
    expect(judge('p95 < 50ms for 3s', seconds)).toMatchObject({ ok: false, brokeIn: 2 })
    expect(judge('rps > 5 for 2s', [...steady(9, 2), {}, {}, ...steady(9, 1)])).toMatchObject({
      ok: false,
      brokeIn: 3,
      measured: 0,
    })
  })

  test('in a run shorter than the stretch the whole run is judged', () => {
    const result = judge('p95 < 50ms for 30s', steady(90, 3))
    expect(result).toMatchObject({ ok: false, measured: 90_000, brokeIn: -1 })
    expect(result.note).toContain('shorter than 30 s')
    expect(judge('p95 < 50ms for 30s', steady(10, 3)).ok).toBe(true)
  })

  test('a rate is not judged while the run is running out', () => {
    const seconds = [...steady(10, 4), {}, {}, {}]
    expect(judge('rps > 5 for 2s', seconds, 4).ok).toBe(true)
    expect(judge('rps > 5 for 2s', seconds).ok).toBe(false)
  })
})

describe("a threshold with 'abort'", () => {
  test('breaks over the run so far, once one sample alone cannot decide', () => {
    // p90 needs 2 / 0.1 = 20 samples: two seconds of ten.
    expect(judge('p90 < 50ms, abort', steady(90, 4))).toMatchObject({
      ok: false,
      brokeIn: 1,
      brokenAtUs: 2_000_000,
    })
    // 1 % of errors needs 200 exchanges, so a bad first second of ten does not end the run.
    const failing = { latenciesMs: Array<number>(10).fill(5), failed: 1 }
    const long = [failing, ...steady(5, 30)]
    expect(judge('errors < 1%, abort', long)).toMatchObject({ ok: true, brokeIn: -1 })
    expect(judge('errors <= 0, abort', long)).toMatchObject({ ok: false, brokeIn: 0 })
    expect(judge('max < 50ms, abort', steady(90, 1)).brokeIn).toBe(0)
    expect(judge('drops < 1, abort', [{}, { drops: 1 }]).brokeIn).toBe(1)
    expect(judge('rps > 50, abort', steady(5, 9)).brokeIn).toBe(4)
    expect(judge('avg < 50ms, abort', steady(90, 9)).brokeIn).toBe(1)
    expect(
      judge('checks > 50%, abort', [{ checks: [false, true] }, { checks: [false, true] }]),
    ).toMatchObject({ ok: false, brokeIn: 1, measured: 0.5 })
  })

  test('stays broken, whatever comes later', () => {
    const result = judge('avg < 50ms, abort', [...steady(90, 2), ...steady(1, 50)])
    expect(result).toMatchObject({ ok: false, measured: 90_000 })
    expect(result.note).toBe('broken at 2 s, judged over the run so far')
  })

  test("with 'for' it breaks when the stretch is complete", () => {
    expect(judge('p95 < 50ms for 3s, abort', steady(90, 9)).brokeIn).toBe(2)
  })
})
