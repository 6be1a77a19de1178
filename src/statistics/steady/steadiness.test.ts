import { describe, expect, test } from 'vitest'
import { queueSource } from '../testing/queue-source.ts'
import { queueRun } from '../testing/queue.ts'
import { correlatedSeries } from '../testing/series.ts'
import { steadinessOf, type SecondFigures } from './steadiness.ts'

/** Seconds of 100 exchanges whose mean is 1 ms times a factor, with 5 % noise. */
function seconds(length: number, factor: (i: number) => number): SecondFigures[] {
  const noise = correlatedSeries(length, 0, 'seconds')
  return Array.from(noise, (z, i) => ({ count: 100, meanUs: 1000 * factor(i) * (1 + 0.05 * z) }))
}

describe('the steady part of a run', () => {
  test('begins after the warm-up', () => {
    const found = steadinessOf(seconds(200, i => 1 + 3 * Math.exp(-i / 10)))
    expect(found.kind).toBe('steady')
    expect(found.fromSecond).toBeGreaterThanOrEqual(20)
    expect(found.fromSecond).toBeLessThanOrEqual(60)
    expect(found.toSecond).toBe(200)
  })

  test('begins when throughput is there, if that is later', () => {
    const ramp = seconds(200, () => 1).map((second, i) => ({
      ...second,
      count: Math.min(100, 2 * i),
    }))
    expect(steadinessOf(ramp).fromSecond).toBeGreaterThanOrEqual(40)
  })

  test('begins at an early lasting change', () => {
    const found = steadinessOf(seconds(200, i => (i < 70 ? 1.5 : 1)))
    expect([found.kind, found.fromSecond]).toEqual(['steady', 70])
  })

  test('leaves out the last, incomplete second', () => {
    const run = [...seconds(100, () => 1), { count: 3, meanUs: 9000 }]
    expect(steadinessOf(run).toSecond).toBe(100)
  })

  test('a change near the end is no steady state', () => {
    const found = steadinessOf(seconds(200, i => (i < 150 ? 1 : 1.5)))
    expect(found.kind).toBe('no steady state')
    expect(found.changes.map(change => change.atSecond)).toEqual([150])
    expect(found.words).toMatch(/^latency changed by \+\d\d % at 150 s$/)
  })

  test('a slow rise is a drift', () => {
    const found = steadinessOf(seconds(200, i => 1 + i / 400))
    expect(found.kind).toBe('slow drift')
    expect(found.driftRatio).toBeGreaterThan(1.2)
  })

  test('up and down and back is oscillating', () => {
    const found = steadinessOf(seconds(300, i => (Math.floor(i / 50) % 2 === 0 ? 1 : 1.4)))
    expect(found.kind).toBe('oscillating')
  })

  test('a warm-up that never ends is no steady state', () => {
    const found = steadinessOf(seconds(200, i => 1 + 3 * Math.exp(-i / 100)))
    expect(found.kind).not.toBe('steady')
  })

  test('seconds without exchanges are bridged', () => {
    const sparse = seconds(200, () => 1).map((second, i) =>
      i % 7 === 3 ? { count: 0, meanUs: NaN } : second,
    )
    expect(steadinessOf(sparse).kind).toBe('steady')
  })

  test('too few seconds, or none with an exchange, are no steady state', () => {
    expect(steadinessOf(seconds(12, () => 1)).kind).toBe('no steady state')
    expect(steadinessOf([]).kind).toBe('no steady state')
    const empty = Array.from({ length: 60 }, () => ({ count: 0, meanUs: NaN }))
    expect(steadinessOf(empty)).toMatchObject({ kind: 'no steady state', toSecond: 0 })
  })

  test('is nearly all of a queue in balance', () => {
    const kinds = Array.from({ length: 40 }, (_, i) => {
      const source = queueSource(
        queueRun({
          seed: 6,
          stream: `balance ${i}`,
          seconds: 200,
          arrivalsPerSecond: 80,
          serviceUs: 10_000,
        }),
      )
      return steadinessOf(Array.from({ length: 200 }, (_, s) => source.merged(s, s + 1))).kind
    })
    expect(
      kinds.filter(kind => kind === 'steady' || kind === 'oscillating').length,
    ).toBeGreaterThan(35)
  })
})
