import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Behaviour, type Decision } from './behaviour.ts'

const settings = {
  minReplicas: 1,
  maxReplicas: 100,
  downscaleStabilisationMs: 300_000,
  syncMs: 15_000,
}

/** Follows a list of recommendations, one a sync period, doing what is decided each time. */
function follow(start: number, recommended: readonly number[], more: object = {}): number[] {
  const behaviour = new Behaviour()
  let currentReplicas = start
  return recommended.map((one, index) => {
    const nowMs = 1_000_000 + index * 15_000
    const asked = { recommended: one, currentReplicas, nowMs }
    const { replicas } = behaviour.decide({ ...asked, settings: { ...settings, ...more } })
    if (replicas !== currentReplicas) {
      behaviour.changed({ from: currentReplicas, to: replicas, nowMs })
    }
    currentReplicas = replicas
    return replicas
  })
}

const decideOnce = (recommended: number, currentReplicas: number, more: object = {}): Decision =>
  new Behaviour().decide({
    ...{ recommended, currentReplicas, nowMs: 0, settings: { ...settings, ...more } },
  })

describe('Behaviour', () => {
  test('upwards by four replicas or by as many as there are in a period, whichever is more', () => {
    // 1 + 4 = 5; 5 x 2 = 10; 10 x 2 = 20; 20 x 2 = 40; then the recommendation itself.
    expect(follow(1, [50, 50, 50, 50, 50])).toEqual([5, 10, 20, 40, 50])
    expect(decideOnce(50, 1).limitedBy).toBe('ScaleUpLimit')
  })

  test('two changes within one period share what the policy allows', () => {
    const behaviour = new Behaviour()
    const at = (nowMs: number, currentReplicas: number) =>
      behaviour.decide({ recommended: 50, currentReplicas, nowMs, settings }).replicas
    behaviour.changed({ from: 2, to: 4, nowMs: 0 })
    // The period began with 2: 2 + 4 = 6.
    expect(at(5_000, 4)).toBe(6)
    behaviour.changed({ from: 4, to: 6, nowMs: 5_000 })
    expect(at(10_000, 6)).toBe(6)
    // The first change is out of the period, the second is not: it began with 4, 4 x 2 = 8.
    expect(at(15_000, 6)).toBe(8)
  })

  test('downwards only to the highest recommendation of the stabilisation time', () => {
    const half = { downscaleStabilisationMs: 45_000 }
    // The 8 that it began with and the 5 are 45 s old at the fourth sync and no longer count; then
    // the 3 holds, then 2.
    expect(follow(8, [5, 3, 2, 2, 2, 2], half)).toEqual([8, 8, 8, 3, 2, 2])
  })

  test('a short dip in the load removes nothing', () => {
    expect(follow(4, [4, 1, 1, 1, 4])).toEqual([4, 4, 4, 4, 4])
  })

  test('without stabilisation it goes down at once', () => {
    expect(follow(8, [8, 2], { downscaleStabilisationMs: 0 })).toEqual([8, 2])
  })

  test('the limits hold, and say so', () => {
    expect(decideOnce(9, 4, { maxReplicas: 6 })).toEqual({
      ...{ replicas: 6, limitedBy: 'TooManyReplicas' },
    })
    expect(decideOnce(0, 3, { minReplicas: 2, downscaleStabilisationMs: 0 })).toEqual({
      ...{ replicas: 2, limitedBy: 'TooFewReplicas' },
    })
    expect(decideOnce(4, 3)).toEqual({ replicas: 4, limitedBy: undefined })
  })

  test('being held by the stabilisation is told apart from the limits', () => {
    const behaviour = new Behaviour()
    const asked = { currentReplicas: 4, settings }
    behaviour.decide({ ...asked, recommended: 4, nowMs: 0 })
    expect(behaviour.decide({ ...asked, recommended: 2, nowMs: 15_000 })).toEqual({
      ...{ replicas: 4, limitedBy: 'ScaleDownStabilized' },
    })
  })

  test('whatever is recommended, the number stays within its limits', () => {
    const anyLimits = fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 30 }))
      .map(([minReplicas, more]) => ({ minReplicas, maxReplicas: minReplicas + more }))
    const anyAsked = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(anyLimits, anyAsked, fc.nat(300_000), (limits, recommended, stabilisation) => {
        const more = { ...limits, downscaleStabilisationMs: stabilisation }
        for (const replicas of follow(limits.minReplicas, recommended, more)) {
          expect(replicas).toBeGreaterThanOrEqual(limits.minReplicas)
          expect(replicas).toBeLessThanOrEqual(limits.maxReplicas)
        }
      }),
    )
  })

  test('it never goes down further than anything recommended in the stabilisation time', () => {
    const anyAsked = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(anyAsked, recommended => {
        const got = follow(100, recommended, { downscaleStabilisationMs: 60_000 })
        got.forEach((replicas, index) => {
          // 60 s are this sync and the three before it.
          const recent = recommended.slice(Math.max(0, index - 3), index + 1)
          const before = index === 0 ? 100 : got[index - 1]!
          expect(replicas).toBeGreaterThanOrEqual(Math.min(before, Math.max(...recent)))
        })
      }),
    )
  })
})
