import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InternalError } from '../../base/index.ts'
import { Histogram } from '../histogram.ts'
import type { GeneratorWindow, WindowData } from '../window.ts'
import { anyRunEvent, idle, recorderInto, sampleOf, windowsOf } from '../testing/samples.ts'

const p = (bytes: Uint8Array, percent: number) => Histogram.decode(bytes).percentileUs(percent)

describe('Recorder', () => {
  test('a sample counts in the window of its end, with latency from the intended start', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows, { worker: 3 })
    const seriesId = recorder.series('request', 'shop', 'GET /a')
    recorder.record(
      sampleOf({ seriesId, intendedAtUs: 800_000, startedAtUs: 900_000, endedAtUs: 1_100_000 }),
    )
    recorder.closeUpTo(2_000_000)

    expect(windows.map(window => [window.index, window.worker])).toEqual([
      [0, 3],
      [1, 3],
    ])
    expect(windows[0]?.series).toEqual([])
    const [series] = windows[1]!.series
    expect(series).toMatchObject({ kind: 'request', scenario: 'shop', name: 'GET /a', count: 1 })
    expect(series).toMatchObject({ outcome: 'ok', statuses: { '200': 1 }, bytesIn: 200 })
    expect(p(series!.latency, 100)).toBe(300_000)
    expect(p(series!.serviceTime, 100)).toBe(200_000)
  })

  test('outcomes are counted apart, failures by reason with their first and last time', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    const seriesId = recorder.series('request', 'shop', 'GET /a')
    recorder.record(sampleOf({ seriesId }))
    for (const endedAtUs of [600_000, 700_000, 800_000]) {
      recorder.record(sampleOf({ seriesId, endedAtUs, status: 503, failure: 'status 503' }))
    }
    recorder.record(sampleOf({ seriesId, endedAtUs: 900_000, status: 0, failure: 'timeout' }))
    recorder.finish(1_000_000)

    const [ok, failed] = windows[0]!.series
    expect([ok?.outcome, ok?.count, ok?.failures]).toEqual(['ok', 1, []])
    expect([failed?.outcome, failed?.count]).toEqual(['failed', 4])
    expect(failed?.statuses).toEqual({ '0': 1, '503': 3 })
    expect(failed?.failures).toEqual([
      { reason: 'status 503', count: 3, firstAtUs: 600_000, lastAtUs: 800_000 },
      { reason: 'timeout', count: 1, firstAtUs: 900_000, lastAtUs: 900_000 },
    ])
  })

  test('requests that were sent again count with the outcome of their exchange, per window', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    const seriesId = recorder.series('request', 'shop', 'GET /a')
    const failed = sampleOf({ seriesId, failure: 'timeout' })
    recorder.record(failed)
    recorder.retried(failed, 1)
    recorder.record(sampleOf({ seriesId }))
    const next = sampleOf({ seriesId, endedAtUs: 1_500_000 })
    recorder.record(next)
    recorder.retried(next, 2)
    recorder.finish(2_000_000)
    const retries = windows.map(({ series }) => series.map(one => [one.outcome, one.retries]))
    expect(retries).toEqual([
      [
        ['ok', 0],
        ['failed', 1],
      ],
      [['ok', 2]],
    ])
    expect(() => recorder.retried(sampleOf({ seriesId, failure: 'reset' }), 1)).toThrow('recorded')
  })

  test('a blocked event loop leaves no hole: skipped windows are sent empty', () => {
    const windows: WindowData[] = []
    let asked = 0
    const delay = Histogram.of([3_000_000]).encode()
    const generator = (): GeneratorWindow => ({ ...idle, cpuRatio: ++asked, eventLoopDelay: delay })
    const recorder = recorderInto(windows, { generator })
    const seriesId = recorder.series('request', 'shop', 'GET /a')
    recorder.record(sampleOf({ seriesId, endedAtUs: 100 }))
    recorder.record(sampleOf({ seriesId, endedAtUs: 4_200_000 }))

    expect(windows.map(window => window.index)).toEqual([0, 1, 2, 3])
    expect(windows.map(window => window.series.length)).toEqual([1, 0, 0, 0])
    expect(windows.map(window => window.generator.cpuRatio)).toEqual([1, 1, 1, 1])
    const delays = windows.map(window => Histogram.decode(window.generator.eventLoopDelay).count)
    expect(delays).toEqual([1, 0, 0, 0])
  })

  test('a sample that ended in a window already sent counts in the current one', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    const seriesId = recorder.series('request', 'shop', 'GET /a')
    recorder.closeUpTo(2_000_000)
    recorder.record(sampleOf({ seriesId, endedAtUs: 1_999_999 }))
    recorder.finish(2_500_000)
    expect(windows.map(window => window.series.length)).toEqual([0, 0, 1])
  })

  test('nothing is lost between recording and windows, whatever happened', () => {
    fc.assert(
      fc.property(fc.array(anyRunEvent, { maxLength: 100 }), events => {
        const windows = windowsOf(0, events)
        expect(windows.map(window => window.index)).toEqual([0, 1, 2, 3, 4, 5])
        const samples = windows.flatMap(window => window.series)
        const counted = samples.reduce((sum, series) => sum + series.count, 0)
        expect(counted).toBe(events.filter(event => event.type === 'sample').length)
        for (const series of samples) {
          expect(Histogram.decode(series.latency).count).toBe(series.count)
          expect(Histogram.decode(series.serviceTime).count).toBe(series.count)
        }
      }),
    )
  })

  test('finish sends the partial window, but none that would start now and holds nothing', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    recorder.finish(2_000_000)
    recorder.finish(9_000_000)
    expect(windows.length).toBe(2)

    const partial: WindowData[] = []
    recorderInto(partial).finish(2_000_001)
    expect(partial.length).toBe(3)
  })

  test('a sample after the end, or of an unknown series, is a bug and throws', () => {
    const recorder = recorderInto([])
    expect(() => recorder.record(sampleOf({ seriesId: 7 }))).toThrow(InternalError)
    const seriesId = recorder.series('request', 'shop', 'GET /a')
    recorder.finish(1_000_000)
    expect(() => recorder.record(sampleOf({ seriesId }))).toThrow(/after the recorder had finished/)
  })

  test('names beyond the limit are folded into (other) and told once', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows, { maxNames: 3 })
    for (let i = 0; i < 40; i++) {
      recorder.record(sampleOf({ seriesId: recorder.series('request', 'shop', `GET /${i}`) }))
    }
    recorder.closeUpTo(1_000_000)
    for (let i = 30; i < 60; i++) recorder.series('request', 'shop', `GET /${i}`)
    recorder.closeUpTo(2_000_000)

    const names = windows[0]!.series.map(series => [series.name, series.count])
    expect(names).toEqual([
      ['GET /0', 1],
      ['GET /1', 1],
      ['GET /2', 1],
      ['(other)', 37],
    ])
    const expected = Array.from({ length: 20 }, (_, i) => `GET /${i + 3}`)
    expect(windows.map(window => window.foldedNames)).toEqual([expected, []])
  })

  test('every kind and scenario has its own 500 names', () => {
    const recorder = recorderInto([], { maxNames: 1 })
    const ids = [
      recorder.series('request', 'shop', 'a'),
      recorder.series('step', 'shop', 'b'),
      recorder.series('request', 'admin', 'c'),
      recorder.series('request', 'shop', 'd'),
    ]
    expect(new Set(ids).size).toBe(4)
    expect(recorder.series('request', 'shop', 'e')).toBe(ids[3])
    expect(recorder.series('request', 'shop', 'a')).toBe(ids[0])
  })

  test('failure reasons are bounded, in number and in length', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    const seriesId = recorder.series('request', 'shop', 'GET /a')
    for (let i = 0; i < 80; i++) {
      const failure = `error ${String(i).padStart(3, '0')} ${'x'.repeat(1000)}`
      recorder.record(sampleOf({ seriesId, failure }))
    }
    recorder.finish(1_000_000)
    const { failures } = windows[0]!.series[0]!
    expect(failures.length).toBe(51)
    expect(failures[0]).toMatchObject({ reason: '(other reasons)', count: 30 })
    expect(failures[1]?.reason.length).toBe(300)
  })

  test('keeps the slowest good sample of each series, as a copy', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    const a = recorder.series('request', 'shop', 'GET /a')
    const b = recorder.series('request', 'shop', 'GET /b')
    const timings = { dnsUs: 1, connectUs: 2, tlsUs: 3, firstByteUs: 4, downloadUs: 5 }
    const reused = {
      ...sampleOf({ seriesId: a, startedAtUs: 1000, traceId: 'slow' }),
      timings: { ...timings, connectionReused: true },
    }
    recorder.record(reused)
    reused.timings.dnsUs = 99
    recorder.record({ ...reused, intendedAtUs: 400_000, traceId: 'quick' })
    recorder.record(sampleOf({ seriesId: b }))
    recorder.finish(1_000_000)

    const kept = windows[0]!.kept
    expect(kept.map(one => [one.name, one.why, one.traceId])).toEqual([
      ['GET /a', 'slow', 'slow'],
      ['GET /b', 'slow', ''],
    ])
    expect(kept[0]?.timings).toEqual({ ...timings, connectionReused: true })
    expect(kept[1]?.timings).toBeUndefined()
  })

  test('asks for the exchange of a kept sample only, and at the end of its second', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    const asked: string[] = []
    const exchange = (url: string) => ({
      capture: () => () => {
        asked.push(url)
        return { method: 'GET', url, requestHeaders: [], responseHeaders: [] }
      },
    })
    for (let series = 0; series < 12; series++) {
      const seriesId = recorder.series('request', 'shop', `GET /${series}`)
      for (const startedAtUs of [400_000 - series, 300_000 + series, 350_000]) {
        const url = `/${series}?${startedAtUs}`
        recorder.record(sampleOf({ seriesId, startedAtUs, exchange: exchange(url) }))
      }
    }
    expect(asked).toEqual([])
    recorder.finish(1_000_000)
    // Of twelve kept ones the ten slowest.
    const urls = Array.from({ length: 10 }, (_, series) => `/${series}?${300_000 + series}`)
    expect(asked).toEqual(urls)
    expect(windows[0]?.kept.map(one => one.exchange?.url)).toEqual([...urls, undefined, undefined])
  })

  test('the slowest of one window does not shadow the next', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    const seriesId = recorder.series('request', 'shop', 'GET /a')
    recorder.record(sampleOf({ seriesId, endedAtUs: 900_000, startedAtUs: 0, traceId: 'first' }))
    recorder.record(sampleOf({ seriesId, endedAtUs: 1_500_000, traceId: 'second' }))
    recorder.finish(3_000_000)
    expect(windows.map(window => window.kept.map(one => one.traceId))).toEqual([
      ['first'],
      ['second'],
      [],
    ])
  })

  test('keeps five failures a series and thirty a window, and counts those it does not', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    for (let series = 0; series < 60; series++) {
      const seriesId = recorder.series('request', 'shop', `GET /${series}`)
      recorder.record(sampleOf({ seriesId, startedAtUs: 100 * series }))
      for (let i = 0; i < 7; i++) recorder.record(sampleOf({ seriesId, failure: 'timeout' }))
    }
    recorder.finish(1_000_000)
    const { kept, keptDropped } = windows[0]!
    const failed = kept.filter(one => one.why === 'failed')
    expect(failed.length).toBe(30)
    expect(failed.filter(one => one.name === 'GET /0').length).toBe(5)
    expect(keptDropped).toBe(60 * 7 - 30)
    expect(kept.length).toBe(50)
    // Of sixty slow candidates the twenty that took longest: the earliest starts.
    expect(kept.slice(30).map(one => one.name)).toEqual(
      Array.from({ length: 20 }, (_, i) => `GET /${i}`),
    )
  })

  test('checks count passes and failures and keep the first reason', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    const id = recorder.check('shop', 'POST /login', 'schema')
    expect(recorder.check('shop', 'POST /login', 'schema')).toBe(id)
    for (const reason of [undefined, 'no token', 'no user', undefined]) {
      recorder.recordCheck(id, reason)
    }
    recorder.closeUpTo(2_000_000)
    expect(windows.map(window => window.checks)).toEqual([
      [
        {
          ...{ scenario: 'shop', name: 'POST /login', check: 'schema' },
          ...{ passed: 2, failed: 2, firstReason: 'no token' },
        },
      ],
      [],
    ])
  })

  test('checks with made-up names are bounded too', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows, { maxNames: 2 })
    for (let i = 0; i < 30; i++) {
      recorder.recordCheck(recorder.check('shop', 'GET /a', `order ${i}`), undefined)
    }
    recorder.finish(1_000_000)
    expect(windows[0]?.checks.length).toBe(9)
    expect(windows[0]?.checks[8]).toMatchObject({ name: '(other)', check: '(other)', passed: 22 })
  })

  test('iteration events count in their window, users stay until changed', () => {
    const windows: WindowData[] = []
    const recorder = recorderInto(windows)
    const id = recorder.scenario('shop')
    recorder.setUsers(id, 12)
    recorder.iterationStarted(id, 250)
    recorder.iterationStarted(id, -3)
    recorder.iterationStarted(id, 4000)
    recorder.iterationEnded(id, 'completed')
    recorder.iterationEnded(id, 'failed')
    recorder.iterationEnded(id, 'interrupted')
    recorder.dropped(id, 'user limit', 3)
    recorder.dropped(id, 'user limit', 4)
    recorder.closeUpTo(2_000_000)

    const [first, second] = windows.map(window => window.scenarios[0]!)
    expect(first).toMatchObject({
      ...{ scenario: 'shop', users: 12, iterationsStarted: 3, iterationsCompleted: 1 },
      ...{ iterationsFailed: 1, iterationsInterrupted: 1, drops: { 'user limit': 7 } },
    })
    expect(Histogram.decode(first!.startDelay).minUs).toBe(0)
    expect(Histogram.decode(first!.startDelay).maxUs).toBe(4000)
    expect(second).toMatchObject({ users: 12, iterationsStarted: 0, drops: {} })
    expect(Histogram.decode(second!.startDelay).count).toBe(0)
  })

  test('windows are plain data: they survive being sent to another thread', () => {
    const [window] = windowsOf(0, fc.sample(anyRunEvent, { numRuns: 50, seed: 7 }))
    expect(structuredClone(window)).toEqual(window)
  })
})
