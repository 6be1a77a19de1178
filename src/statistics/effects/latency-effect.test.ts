import { describe, expect, test } from 'vitest'
import { correlatedSeries } from '../testing/series.ts'
import { latencyEffect, type EffectOptions } from './latency-effect.ts'

const options: EffectOptions = {
  runToRun: { deviation: 0, freedom: Infinity },
  tolerance: 0.05,
  resamples: 300,
  seed: 1,
  stream: 'test',
}
const logs = (length: number, height: number, stream: string) =>
  correlatedSeries(length, 0, stream).map(noise => height + 0.02 * noise)

describe('the effect on a latency percentile', () => {
  test('is the ratio of the typical stretches', () => {
    const sides = { base: [logs(24, 2, 'a')], candidate: [logs(24, 2 + Math.log(1.1), 'b')] }
    const { effect, p, equivalenceP } = latencyEffect(sides, options)
    expect(effect.value).toBeCloseTo(1.1, 1)
    expect(effect.low).toBeGreaterThan(1.05)
    expect(effect.high).toBeLessThan(1.15)
    expect(p).toBeLessThan(1e-6)
    expect(equivalenceP).toBeGreaterThan(0.9)
  })

  test('is equivalent when it surely lies within the tolerance', () => {
    const sides = { base: [logs(24, 2, 'c')], candidate: [logs(24, 2, 'd')] }
    const { p, equivalenceP } = latencyEffect(sides, options)
    expect(equivalenceP).toBeLessThan(0.001)
    expect(p).toBeGreaterThan(0.05)
  })

  test('turns around with the sides', () => {
    const base = [logs(20, 2, 'e')]
    const candidate = [logs(20, 2.2, 'f')]
    const there = latencyEffect({ base, candidate }, options)
    const back = latencyEffect({ base: candidate, candidate: base }, options)
    expect(there.effect.value * back.effect.value).toBeCloseTo(1, 12)
  })

  test('its 95 % interval holds no difference in about 95 % of equal pairs', () => {
    const held = Array.from({ length: 400 }, (_, i) => {
      const sides = { base: [logs(14, 0, `x${i}`)], candidate: [logs(14, 0, `y${i}`)] }
      const { effect } = latencyEffect(sides, { ...options, resamples: 150 })
      return effect.low <= 1 && effect.high >= 1
    })
    const share = held.filter(Boolean).length / 400
    expect(share).toBeGreaterThan(0.93)
    expect(share).toBeLessThan(0.99)
  })

  test('a single pair is never surer than runs of the same thing are alike', () => {
    const flat = [new Float64Array(20).fill(1)]
    const runToRun = { deviation: 0.03, freedom: Infinity }
    const one = latencyEffect({ base: flat, candidate: flat }, { ...options, runToRun })
    // By hand: 1.96 sqrt(2) 3 % on the logarithm.
    expect(Math.log(one.effect.high)).toBeCloseTo(1.959964 * Math.SQRT2 * 0.03, 6)
    expect(one.runShare).toBe(1)
    const four = [...flat, ...flat, ...flat, ...flat]
    const many = latencyEffect({ base: four, candidate: four }, { ...options, runToRun })
    expect(Math.log(many.effect.high)).toBeCloseTo(Math.log(one.effect.high) / 2, 6)
  })

  test('few pairs of history widen the interval as Student says', () => {
    const flat = [new Float64Array(20).fill(1)]
    const runToRun = { deviation: 0.03, freedom: 5 }
    const { effect } = latencyEffect({ base: flat, candidate: flat }, { ...options, runToRun })
    expect(Math.log(effect.high)).toBeCloseTo(2.570582 * Math.SQRT2 * 0.03, 5)
  })
})
