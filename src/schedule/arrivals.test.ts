import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrivals } from './arrivals.ts'
import type { LoadProfile, RateSegment } from './load-profile.ts'

type RateProfile = Extract<LoadProfile, { kind: 'rate' }>

const whole = { share: { index: 0, count: 1 }, seed: 1, stream: 'a' }

function rate(segments: readonly RateSegment[], poisson = false): RateProfile {
  return { kind: 'rate', segments, poisson, maxUsers: 1000 }
}
const constantRate = (perSecond: number, seconds: number, poisson = false) =>
  rate([{ fromPerSecond: perSecond, toPerSecond: perSecond, durationUs: seconds * 1e6 }], poisson)

const anyLevel = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 200, noNaN: true }))
const anySegment = fc.record({
  fromPerSecond: anyLevel,
  toPerSecond: anyLevel,
  durationUs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5_000_000 })),
})
const anyProfile = fc.record({
  kind: fc.constant('rate' as const),
  segments: fc.array(anySegment, { maxLength: 5 }),
  poisson: fc.boolean(),
  maxUsers: fc.integer({ min: 1, max: 50 }),
})
const ascending = (a: number, b: number) => a - b

/** The same count by brute force: the trapezium rule over small steps, exact for straight lines. */
function integral(segments: readonly RateSegment[], untilUs: number): number {
  let sum = 0
  let startsAtUs = 0
  for (const { fromPerSecond, toPerSecond, durationUs } of segments) {
    const lastsUs = Math.min(durationUs, Math.max(0, untilUs - startsAtUs))
    const steps = 50
    const rateAt = (us: number) =>
      durationUs === 0 ? 0 : fromPerSecond + ((toPerSecond - fromPerSecond) * us) / durationUs
    for (let step = 0; step < steps; step++) {
      const fromUs = (lastsUs * step) / steps
      const toUs = (lastsUs * (step + 1)) / steps
      sum += (((rateAt(fromUs) + rateAt(toUs)) / 2) * (toUs - fromUs)) / 1e6
    }
    startsAtUs += durationUs
  }
  return sum
}

describe('arrivals', () => {
  test('a constant rate starts at once and then at even distances', () => {
    expect([...arrivals(constantRate(4, 1), whole)]).toEqual([0, 250_000, 500_000, 750_000])
  })

  test('a ramp from nothing starts its n-th iteration where the area under it is n', () => {
    // 0 to 8/s in 4 s: N(t) = t², so arrival i is due at sqrt(i) seconds.
    const ramp = rate([{ fromPerSecond: 0, toPerSecond: 8, durationUs: 4e6 }])
    const expected = Array.from({ length: 16 }, (_, i) => Math.sqrt(i) * 1e6)
    const actual = [...arrivals(ramp, whole)]
    expect(actual).toHaveLength(16)
    expected.forEach((atUs, i) => expect(actual[i]).toBeCloseTo(atUs, 3))
  })

  test('a ramp down ends with ever longer distances', () => {
    // 8 to 0/s in 4 s: N(t) = 8t - t², so arrival i is due at 4 - sqrt(16 - i) seconds.
    const ramp = rate([{ fromPerSecond: 8, toPerSecond: 0, durationUs: 4e6 }])
    const actual = [...arrivals(ramp, whole)]
    expect(actual).toHaveLength(16)
    actual.forEach((atUs, i) => expect(atUs).toBeCloseTo((4 - Math.sqrt(16 - i)) * 1e6, 3))
  })

  test('a jump changes the distance at once and a pause is waited out', () => {
    const stages = rate([
      { fromPerSecond: 2, toPerSecond: 2, durationUs: 1e6 },
      { fromPerSecond: 0, toPerSecond: 0, durationUs: 3e6 },
      { fromPerSecond: 0, toPerSecond: 4, durationUs: 0 },
      { fromPerSecond: 4, toPerSecond: 4, durationUs: 5e5 },
    ])
    expect([...arrivals(stages, whole)]).toEqual([0, 500_000, 4_000_000, 4_250_000])
  })

  test('a rate of zero, no segment and no time bring nothing', () => {
    expect([...arrivals(constantRate(0, 10), whole)]).toEqual([])
    expect([...arrivals(rate([]), whole)]).toEqual([])
    expect([...arrivals(constantRate(10, 0), whole)]).toEqual([])
  })

  test('a third of an arrival per second does not gain or lose one by rounding', () => {
    expect([...arrivals(constantRate(1 / 3, 3_000), whole)]).toHaveLength(1_000)
    expect([...arrivals(constantRate(0.1, 30), whole)]).toEqual([0, 1e7, 2e7])
  })

  test('after five hours at 20,000/s the starts are still exact', () => {
    const profile = rate([
      { fromPerSecond: 20_000, toPerSecond: 20_000, durationUs: 5 * 3600e6 },
      { fromPerSecond: 20_000, toPerSecond: 10_000, durationUs: 1e6 },
    ])
    // One worker of 1,000,000 keeps the test short: it takes every millionth arrival, 50 s apart.
    const options = { ...whole, share: { index: 999_999, count: 1_000_000 } }
    const mine = [...arrivals({ ...profile, maxUsers: 1_000_000 }, options)]
    expect(mine).toHaveLength(360)
    mine.forEach((atUs, i) => expect(Math.abs(atUs - ((i + 1) * 50e6 - 50))).toBeLessThan(0.01))
  })

  test('the workers together start every arrival exactly once', () => {
    fc.assert(
      fc.property(anyProfile, fc.integer({ min: 1, max: 40 }), (profile, count) => {
        const parts = Array.from({ length: count }, (_, index) => [
          ...arrivals(profile, { ...whole, share: { index, count } }),
        ])
        expect(parts.flat().sort(ascending)).toEqual([...arrivals(profile, whole)])
      }),
      { numRuns: 60 },
    )
  })

  test('arrivals ascend, lie inside the profile and are as many as the rate integrates to', () => {
    fc.assert(
      fc.property(fc.array(anySegment, { maxLength: 5 }), segments => {
        const all = [...arrivals(rate(segments), whole)]
        const endUs = segments.reduce((sumUs, segment) => sumUs + segment.durationUs, 0)
        expect(all).toEqual([...all].sort(ascending))
        expect(all.every(atUs => atUs >= 0 && atUs <= endUs)).toBe(true)
        expect(Math.abs(all.length - integral(segments, endUs))).toBeLessThanOrEqual(1)
        all.forEach((atUs, i) => {
          // Where the rate is next to nothing, time is a poor witness of the count; the count is
          // not.
          expect(integral(segments, atUs)).toBeCloseTo(i, 4)
        })
      }),
      { numRuns: 60 },
    )
  })

  test('Poisson arrivals come at the declared mean rate with exponential distances', () => {
    const all = [...arrivals(constantRate(1000, 20, true), whole)]
    // 20,000 expected, standard deviation sqrt(20,000) = 141: five of them.
    expect(Math.abs(all.length - 20_000)).toBeLessThan(707)
    const gaps = all.slice(1).map((atUs, i) => atUs - (all[i] ?? 0))
    // An exponential distance exceeds its mean with probability 1/e = 0.368, standard error 0.0034.
    const above = gaps.filter(gapUs => gapUs > 1000).length / gaps.length
    expect(Math.abs(above - Math.exp(-1))).toBeLessThan(0.017)
  })

  test('Poisson arrivals of a ramp follow the ramp', () => {
    const ramp = rate([{ fromPerSecond: 0, toPerSecond: 2000, durationUs: 10e6 }], true)
    const all = [...arrivals(ramp, whole)]
    // A quarter of the area lies in the first half: 2,500 of 10,000, standard deviation 50.
    expect(Math.abs(all.filter(atUs => atUs < 5e6).length - 2500)).toBeLessThan(250)
  })

  test('the seed and the scenario decide the random arrivals', () => {
    const profile = constantRate(10, 5, true)
    const first = [...arrivals(profile, whole)]
    expect([...arrivals(profile, whole)]).toEqual(first)
    expect([...arrivals(profile, { ...whole, seed: 2 })]).not.toEqual(first)
    expect([...arrivals(profile, { ...whole, stream: 'b' })]).not.toEqual(first)
  })

  test('with fewer users than workers the workers without a user get no arrivals', () => {
    const profile = { ...constantRate(4, 1), maxUsers: 2 }
    const part = (index: number) => [...arrivals(profile, { ...whole, share: { index, count: 3 } })]
    expect([part(0), part(1), part(2)]).toEqual([[0, 500_000], [250_000, 750_000], []])
  })
})
