import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Histogram } from '../histogram.ts'
import { RunAccumulator } from '../merge/run-accumulator.ts'
import { anyWindows, windowsOf } from '../testing/samples.ts'
import type { WindowData } from '../window.ts'
import { mergedSeconds, secondOf } from './merge-seconds.ts'
import { windowsOfSecond } from './replay.ts'
import type { RunSecond } from './run-second.ts'
import { decodeSecond, encodeSecond } from './second-codec.ts'

const someWindows = anyWindows(60)

const secondsOf = (windows: readonly WindowData[]): RunSecond[] =>
  [0, 1, 2, 3, 4, 5].map(index => secondOf(windows.filter(window => window.index === index)))

function summaryOf(windows: readonly WindowData[]) {
  const accumulator = new RunAccumulator({
    workers: [0, 1, 2],
    scenarios: [{ scenario: 'shop', model: 'open' }],
    thresholds: [],
  })
  for (const window of windows) accumulator.add(window)
  const facts = {
    ...{ id: 'run', script: 's.ts', startedAtUnixMs: 0, durationUs: 6_000_000, seed: 1 },
    ...({ endState: 'finished', endReason: undefined, refusedHost: undefined } as const),
    ...({ model: 'open', tags: {}, loadstoneVersion: '0' } as const),
  }
  const summary = accumulator.summary({ facts })
  return JSON.parse(
    JSON.stringify({ ...summary, kept: [], keptDropped: 0 }, (_key, value: unknown) => {
      if (value instanceof Histogram) return [value.sumUs, ...value.buckets()]
      return value
    }),
  ) as object
}

describe('a second of a run', () => {
  test('survives its encoding', () => {
    fc.assert(
      fc.property(someWindows, windows => {
        for (const second of secondsOf(windows)) {
          expect(decodeSecond(encodeSecond(second))).toEqual(second)
        }
      }),
    )
  })

  test('replayed makes the same run as the windows it was merged from', () => {
    fc.assert(
      fc.property(someWindows, windows => {
        const replayed = secondsOf(windows).flatMap(windowsOfSecond)
        expect(summaryOf(replayed)).toEqual(summaryOf(windows))
      }),
      { numRuns: 50 },
    )
  })

  test('that is cut off or of another version is refused', () => {
    const bytes = encodeSecond(secondOf(windowsOf(0, [], 1_000_000)))
    expect(() => decodeSecond(bytes.subarray(0, bytes.length - 1))).toThrow('cut off')
    expect(() => decodeSecond(Uint8Array.from([9, ...bytes.subarray(1)]))).toThrow('version 9')
  })
})

describe('several seconds as one', () => {
  const countsOf = (second: RunSecond) =>
    Object.fromEntries(
      second.series.map(one => {
        const key = `${one.kind} ${one.name} ${one.outcome}`
        return [key, [one.count, Histogram.decode(one.latency).sumUs, one.bytesIn]]
      }),
    )

  test('count what they counted, however they are grouped', () => {
    fc.assert(
      fc.property(someWindows, fc.integer({ min: 1, max: 5 }), (windows, at) => {
        const seconds = secondsOf(windows)
        const all = mergedSeconds(seconds)
        const halves = mergedSeconds([
          mergedSeconds(seconds.slice(0, at)),
          mergedSeconds(seconds.slice(at)),
        ])
        expect([all.index, all.seconds]).toEqual([0, 6])
        expect(countsOf(halves)).toEqual(countsOf(all))
        expect(halves.checks.map(one => [one.passed, one.failed])).toEqual(
          all.checks.map(one => [one.passed, one.failed]),
        )
        expect(all.generators.map(one => [one.worker, one.windows])).toEqual([
          [0, 6],
          [1, 6],
          [2, 6],
        ])
      }),
    )
  })

  test('have the users of the last one, a second those of all its workers', () => {
    const users = (second: RunSecond) => second.scenarios.map(one => one.users)
    const [window] = windowsOf(0, [{ type: 'iteration', atUs: 1, delayUs: 0 }], 1_000_000)
    const withUsers = (worker: number, index: number, count: number): WindowData => {
      const scenarios = window!.scenarios.map(one => ({ ...one, users: count }))
      return { ...window!, worker, index, scenarios }
    }
    const first = secondOf([withUsers(0, 0, 3), withUsers(1, 0, 4)])
    const second = secondOf([withUsers(0, 1, 5), withUsers(1, 1, 6)])
    expect([users(first), users(second)]).toEqual([[7], [11]])
    expect(users(mergedSeconds([second, first]))).toEqual([11])
  })
})
