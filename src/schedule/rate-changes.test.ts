import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrivals } from './arrivals.ts'
import type { LoadProfile, RateSegment } from './load-profile.ts'
import { peakRateFrom, scaledFrom } from './rate-changes.ts'

type RateProfile = Extract<LoadProfile, { kind: 'rate' }>

const constant = (perSecond: number, seconds: number): RateProfile => ({
  kind: 'rate',
  segments: [{ fromPerSecond: perSecond, toPerSecond: perSecond, durationUs: seconds * 1e6 }],
  poisson: false,
  maxUsers: 1000,
})
const options = (index: number, count: number) => ({
  share: { index, count },
  seed: 1,
  stream: 'a',
})

/** Whole rates: one next to nothing brings an arrival or none by a rounding. */
const anySegments = fc.array(
  fc.record({
    fromPerSecond: fc.integer({ min: 1, max: 100 }),
    toPerSecond: fc.integer({ min: 1, max: 100 }),
    durationUs: fc.integer({ min: 100_000, max: 3_000_000 }),
  }),
  { minLength: 1, maxLength: 4 },
)
const anyChange = fc.record({
  fromUs: fc.integer({ min: 0, max: 8_000_000 }),
  factor: fc.double({ min: 0.5, max: 5, noNaN: true }),
})
const anyChanges = fc
  .array(anyChange, { minLength: 1, maxLength: 4 })
  .map(changes => changes.toSorted((a, b) => a.fromUs - b.fromUs))

/** Starts of one worker that hears of each change so long after it takes place. */
function startsOf(
  profile: RateProfile,
  share: { index: number; count: number },
  heard: readonly { fromUs: number; factor: number; lateUs: number }[],
): { intended: number[]; numbers: number } {
  const mine = arrivals(profile, options(share.index, share.count))
  const intended: number[] = []
  const takeUntil = (untilUs: number) => {
    while (mine.nextAtUs <= untilUs) {
      intended.push(mine.nextAtUs)
      mine.take()
    }
  }
  for (const { lateUs, ...change } of heard) {
    takeUntil(change.fromUs + lateUs)
    mine.change(change)
  }
  takeUntil(1e12)
  return { intended, numbers: intended.length }
}

describe('a rate that is changed while the run is under way', () => {
  test('keeps what was started and moves the rest', () => {
    const steady = arrivals(constant(2, 4), options(0, 1))
    const taken: number[] = []
    while (steady.nextAtUs < 2e6) {
      taken.push(steady.nextAtUs)
      steady.take()
    }
    steady.change({ fromUs: 2e6, factor: 2 })
    expect(taken).toEqual([0, 500_000, 1_000_000, 1_500_000])
    // From 2 s on 4 a second: 8 in the 2 s that are left.
    expect([...steady]).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map(i => 2e6 + i * 250_000))
  })

  test('a change in the middle of a distance lets the rest of it pass at the new rate', () => {
    const steady = arrivals(constant(1, 10), options(0, 1))
    steady.take()
    // At 0.5 s half an arrival is due; the other half takes 0.125 s at 4/s.
    steady.change({ fromUs: 500_000, factor: 4 })
    expect(steady.nextAtUs).toBeCloseTo(625_000, 3)
  })

  test('the workers together start every arrival of the changed profile exactly once', () => {
    fc.assert(
      fc.property(
        ...[anySegments, anyChanges, fc.integer({ min: 1, max: 8 }), fc.boolean()],
        (segments, changes, count, poisson) => {
          const profile: RateProfile = { kind: 'rate', segments, poisson, maxUsers: 1000 }
          const inTime = changes.map(change => ({ ...change, lateUs: 0 }))
          const parts = Array.from({ length: count }, (_, index) => {
            return startsOf(profile, { index, count }, inTime).intended
          })
          const final = changes.reduce<readonly RateSegment[]>(scaledFrom, segments)
          const whole = [...arrivals({ ...profile, segments: final }, options(0, 1))]
          const all = parts.flat().sort((a, b) => a - b)
          expect(all).toHaveLength(whole.length)
          all.forEach((atUs, i) => expect(Math.abs(atUs - (whole[i] ?? NaN))).toBeLessThan(2))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('a worker that hears of a faster rate late makes up for it, none twice', () => {
    fc.assert(
      fc.property(
        ...[anyChanges, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 500_000 })],
        (changes, count, lateUs) => {
          const faster = changes.map(change => ({ ...change, factor: 1 + change.factor }))
          const profile = constant(20, 6)
          const final = faster.reduce<readonly RateSegment[]>(scaledFrom, profile.segments)
          const whole = [...arrivals({ ...profile, segments: final }, options(0, 1))].length
          const numbers = Array.from({ length: count }, (_, index) => {
            const heard = faster.map(change => ({ ...change, lateUs: index === 0 ? lateUs : 0 }))
            return startsOf(profile, { index, count }, heard).numbers
          })
          expect(numbers.reduce((sum, one) => sum + one, 0)).toBe(whole)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('the length of the profile stays, and nothing before the change moves', () => {
    fc.assert(
      fc.property(anySegments, anyChange, (segments, change) => {
        const length = (all: readonly RateSegment[]) =>
          all.reduce((sum, one) => sum + one.durationUs, 0)
        const changed = scaledFrom(segments, change)
        expect(length(changed)).toBe(length(segments))
        const profile = constant(1, 1)
        const before = (all: readonly RateSegment[]) =>
          [...arrivals({ ...profile, segments: all }, options(0, 1))].filter(
            atUs => atUs < change.fromUs - 10,
          )
        const kept = before(segments)
        expect(before(changed)).toHaveLength(kept.length)
        before(changed).forEach((atUs, i) => expect(atUs).toBeCloseTo(kept[i] ?? NaN, 3))
      }),
      { numRuns: 60 },
    )
  })

  test('the highest rate from a moment on leaves out what is over', () => {
    const segments = [
      { fromPerSecond: 0, toPerSecond: 100, durationUs: 1e6 },
      { fromPerSecond: 100, toPerSecond: 0, durationUs: 1e6 },
    ]
    expect(peakRateFrom(segments, 0)).toBe(100)
    expect(peakRateFrom(segments, 1.5e6)).toBe(50)
    expect(peakRateFrom(segments, 3e6)).toBe(0)
  })
})
