import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recommendByTotal, recommendByUse, type ReplicaSample } from './recommend.ts'

const ready = (...shares: number[]): ReplicaSample[] => shares.map(used => ({ used, ready: true }))
const missing: ReplicaSample = { used: undefined, ready: true }
const unready: ReplicaSample = { used: 3, ready: false }

const replicasFor = (
  samples: readonly ReplicaSample[],
  target: number,
  currentReplicas = samples.length,
) => recommendByUse(samples, { target, toleranceRatio: 0.1, currentReplicas }).replicas

describe('recommendByUse', () => {
  test.each([
    // [use of each ready replica, target, expected]
    // Mean 0.9 over 0.5: 2 x 1.8 = 3.6, so 4.
    [[0.8, 1.0], 0.5, 4],
    // Mean 0.2 over 0.5: 4 x 0.4 = 1.6, so 2.
    [[0.1, 0.3, 0.2, 0.2], 0.5, 2],
    // 0.55 / 0.5 = 1.1 is still within the tolerance, 0.56 / 0.5 = 1.12 is not: 3 x 1.12 = 3.36.
    [[0.55, 0.55, 0.55], 0.5, 3],
    [[0.56, 0.56, 0.56], 0.5, 4],
    // 0.45 / 0.5 = 0.9 is within, 0.44 / 0.5 = 0.88 is not: 10 x 0.88 = 8.8.
    [Array<number>(10).fill(0.45), 0.5, 10],
    [Array<number>(10).fill(0.44), 0.5, 9],
    // Nothing used: none needed; the lower limit is not this function's business.
    [[0, 0], 0.5, 0],
    // Exactly twice: 3 x 0.6 / 0.3 = 6, not 7 by a rounding error.
    [[0.6, 0.6, 0.6], 0.3, 6],
    // Whole percent, rounded down: 55.9 % counts as 55 %, which is within the tolerance.
    [[0.559, 0.559], 0.5, 2],
  ])('use %j at a target of %d asks for %d', (used, target, expected) => {
    expect(replicasFor(ready(...used), target)).toBe(expected)
  })

  test('a replica without a number counts as unused when the others ask for more', () => {
    // 0.9 / 0.5 = 1.8; with the missing one (0.9 + 0) / 2 / 0.5 = 0.9: the direction would turn.
    expect(replicasFor([...ready(0.9), missing], 0.5)).toBe(2)
    // (0.9 + 0.9 + 0) / 3 = 0.6; 0.6 / 0.5 = 1.2; 3 x 1.2 = 3.6.
    expect(replicasFor([...ready(0.9, 0.9), missing], 0.5)).toBe(4)
  })

  test('a replica without a number counts as fully used when the others ask for fewer', () => {
    // (0.1 + 0.1 + 0.1 + 1) / 4 = 0.325, in whole percent 0.32; / 0.5 = 0.64; x 4 = 2.56.
    expect(replicasFor([...ready(0.1, 0.1, 0.1), missing], 0.5)).toBe(3)
    // (0.2 + 1) / 2 = 0.6 is above the target: the direction would turn, so nothing changes.
    expect(replicasFor([...ready(0.2), missing], 0.5)).toBe(2)
    // With a target above 1 it uses all of the target: (0.5 + 2) / 2 / 2 = 0.625; x 2 = 1.25.
    expect(replicasFor([...ready(0.5), missing], 2)).toBe(2)
  })

  test('a replica that is not ready counts as unused, and only when more are asked for', () => {
    // (2 + 0) / 2 / 0.5 = 2; x 2 = 4. What the unready one used itself does not count.
    expect(replicasFor([...ready(2), unready], 0.5)).toBe(4)
    // Fewer: only the ready ones count. 0.2 / 0.5 = 0.4; x 2 = 0.8, so 1.
    expect(replicasFor([...ready(0.2, 0.2), unready], 0.5)).toBe(1)
  })

  test('at exactly the target the missing ones change nothing', () => {
    expect(replicasFor([...ready(0.5, 0.5), missing], 0.5)).toBe(3)
  })

  test('without any number nothing is recommended', () => {
    const nothing = { replicas: undefined, current: undefined }
    const wanted = { target: 0.5, toleranceRatio: 0.1, currentReplicas: 2 }
    expect(recommendByUse([missing, unready], wanted)).toEqual(nothing)
    expect(recommendByUse([], wanted)).toEqual(nothing)
  })

  test('the current use is the mean of the ready replicas in whole percent', () => {
    const wanted = { target: 0.5, toleranceRatio: 0.1, currentReplicas: 3 }
    expect(recommendByUse([...ready(0.1, 0.255), unready], wanted).current).toBe(0.17)
  })

  const anyUse = fc.double({ min: 0, max: 20, noNaN: true })
  const anySample = fc.record({
    used: fc.option(anyUse, { nil: undefined }),
    ready: fc.boolean(),
  })
  const anyTarget = fc.double({ min: 0.05, max: 2, noNaN: true })

  test('inside the tolerance the number of replicas never changes', () => {
    const within = fc.integer({ min: 1, max: 20 }).chain(count =>
      fc.array(fc.double({ min: 0.91, max: 1.09, noNaN: true }), {
        minLength: count,
        maxLength: count,
      }),
    )
    fc.assert(
      fc.property(within, shares => {
        expect(replicasFor(ready(...shares), 1)).toBe(shares.length)
      }),
    )
  })

  test('the target is met with what is recommended, and would not be with one replica less', () => {
    fc.assert(
      fc.property(fc.array(anyUse, { minLength: 1, maxLength: 20 }), anyTarget, (used, target) => {
        const wanted = { target, toleranceRatio: 0, currentReplicas: used.length }
        const { replicas = 0, current = 0 } = recommendByUse(ready(...used), wanted)
        const total = current * used.length
        expect(total / target).toBeLessThanOrEqual(replicas + 1e-6)
        expect(total / target).toBeGreaterThan(replicas - 1 - 1e-6)
      }),
    )
  })

  test('what is not known never makes a change upwards larger, nor turns one downwards', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 20 }), anyTarget, (samples, target) => {
        const known = samples.filter(one => one.ready && one.used !== undefined)
        const { replicas } = recommendByUse(samples, {
          ...{ target, toleranceRatio: 0.1, currentReplicas: samples.length },
        })
        if (known.length === 0) {
          expect(replicas).toBeUndefined()
          return
        }
        const mean = known.reduce((sum, { used = 0 }) => sum + used, 0) / known.length
        // As if all replicas used what the known ones do.
        const full = Math.ceil((mean * samples.length) / target)
        if (mean > target) {
          expect(replicas).toBeGreaterThanOrEqual(Math.min(samples.length, full))
          expect(replicas).toBeLessThanOrEqual(Math.max(samples.length, full))
        } else expect(replicas).toBeLessThanOrEqual(samples.length)
      }),
    )
  })
})

describe('recommendByTotal', () => {
  test.each([
    // [messages, replicas, target, expected]
    [100, 2, 20, 5],
    [101, 2, 20, 6],
    [0, 3, 20, 0],
    // 44 / 2 = 22 for each: 10 % above the target is still within the tolerance.
    [44, 2, 20, 2],
    [45, 2, 20, 3],
    [30, 0, 20, 2],
  ])('%d messages for %d replicas at %d each ask for %d', (total, now, target, expected) => {
    const wanted = { target, toleranceRatio: 0.1, currentReplicas: now }
    expect(recommendByTotal(total, wanted).replicas).toBe(expected)
  })

  test('an unknown depth recommends nothing', () => {
    const wanted = { target: 20, toleranceRatio: 0.1, currentReplicas: 2 }
    expect(recommendByTotal(undefined, wanted)).toEqual({ replicas: undefined, current: undefined })
  })
})
