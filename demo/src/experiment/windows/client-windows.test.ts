import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodeSecond,
  Histogram,
  secondOf,
  type RunSecond,
  type WindowData,
} from '../../../../src/metrics/index.ts'
import { anyRunEvent, windowsOf as workerWindows } from '../../../../src/metrics/testing/samples.ts'
import { decodeWindows, encodeWindows, windowsOf, type ClientWindow } from './client-windows.ts'
import { mergeLatencies, percentileUs } from './latency.ts'
import { decodeStoredSecond } from './second-bytes.ts'

/** Six seconds of two workers, as the product measures them. */
const anySeconds = fc
  .array(fc.record({ event: anyRunEvent, worker: fc.nat(1) }), { minLength: 1, maxLength: 80 })
  .map(all => {
    const windows = [0, 1].flatMap(worker => {
      const own = all.filter(one => one.worker === worker)
      return workerWindows(
        worker,
        own.map(({ event }) => event),
      )
    })
    const bySecond = Map.groupBy(windows, ({ index }) => index)
    return [...bySecond.values()].map((list: WindowData[]) => secondOf(list))
  })

const recorded = (seconds: readonly RunSecond[], windowSeconds: number): ClientWindow[] => {
  const stored = seconds.map(second => decodeStoredSecond(encodeSecond(second)))
  const windows = encodeWindows(windowsOf(stored, { windowSeconds }), { windowSeconds })
  return decodeWindows(JSON.parse(JSON.stringify(windows)) as typeof windows)
}

const keyOf = (one: { kind: string; scenario: string; name: string }) =>
  `${one.kind} ${one.scenario} ${one.name}`

const sumOf = (counts: readonly Readonly<Record<string, number>>[]) => {
  const sums = new Map<string, number>()
  for (const [key, count] of counts.flatMap(one => Object.entries(one))) {
    sums.set(key, (sums.get(key) ?? 0) + count)
  }
  return sums
}

describe('client windows', () => {
  test('of any length merge to the percentiles that the product reports', () => {
    fc.assert(
      fc.property(anySeconds, fc.integer({ min: 1, max: 7 }), (seconds, windowSeconds) => {
        const names = recorded(seconds, windowSeconds).flatMap(window => window.names)
        const series = seconds.flatMap(second => second.series)
        const keys = new Set(series.map(keyOf))
        expect(new Set(names.map(keyOf))).toEqual(keys)
        for (const key of keys) {
          const [own, all] = [names, series].map(list => list.filter(one => keyOf(one) === key))
          const latency = mergeLatencies(
            (own as typeof names).flatMap(({ ok, failed }) => [ok, failed]),
          )
          const histogram = Histogram.merged(
            (all as typeof series).map(one => Histogram.decode(one.latency)),
          )
          expect([latency.count, latency.sumUs]).toEqual([histogram.count, histogram.sumUs])
          for (const percent of [0, 50, 90, 95, 99, 99.9, 100]) {
            expect(percentileUs(latency, percent)).toBe(histogram.percentileUs(percent))
          }
        }
      }),
    )
  })

  test('count every answer, failure, drop and iteration once', () => {
    fc.assert(
      fc.property(anySeconds, fc.integer({ min: 1, max: 7 }), (seconds, windowSeconds) => {
        const windows = recorded(seconds, windowSeconds)
        const names = windows.flatMap(window => window.names)
        const series = seconds.flatMap(second => second.series)
        const failures = series.flatMap(one => one.failures)
        expect(sumOf(names.map(one => one.statuses))).toEqual(
          sumOf(series.map(one => one.statuses)),
        )
        expect(sumOf(names.map(one => one.failures))).toEqual(
          sumOf(failures.map(({ reason, count }) => ({ [reason]: count }))),
        )
        const [found, all] = [windows, seconds].map(list => {
          const scenarios = list.flatMap(one => [...one.scenarios])
          return sumOf(
            scenarios.flatMap(one => [
              one.drops,
              { started: one.iterationsStarted, completed: one.iterationsCompleted },
            ]),
          )
        })
        expect(found).toEqual(all)
      }),
    )
  })

  test('in flight is what all took, over the time of the window', () => {
    const sample = { kind: 'request', scenario: 'shop', name: 'GET /', statuses: { 200: 2 } }
    const window = (second: number) => {
      const took = Histogram.of([250_000, 750_000]).encode()
      const rest = { failures: [], bytesIn: 0, bytesOut: 0, retries: 0 }
      const series = { ...sample, outcome: 'ok', count: 2, latency: took, serviceTime: took }
      return {
        ...{ index: second, seconds: 1, checks: [], scenarios: [], generators: [], kept: [] },
        ...{ keptDropped: 0, foldedNames: [], series: [{ ...series, ...rest }] },
      } as RunSecond
    }
    // Nothing in second 1: 2 s in 3 s; the last window is a second long and has 1 s.
    const [first, last] = recorded([window(0), window(2), window(3)], 3)
    expect([first?.names[0]?.inFlight, last?.names[0]?.inFlight]).toEqual([0.667, 1])
    expect([first?.seconds, last?.seconds]).toEqual([3, 1])
  })

  test('of bytes of another version are refused, and of those that are cut off', () => {
    const bytes = encodeSecond(secondOf(workerWindows(0, [], 1_000_000)))
    const other = Uint8Array.from([9, ...bytes.subarray(1)])
    expect(() => decodeStoredSecond(other)).toThrow('a stored second is of version 9')
    expect(() => decodeStoredSecond(bytes.subarray(0, 1))).toThrow('cut off')
  })
})
