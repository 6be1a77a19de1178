import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { newcombe } from '../intervals/newcombe.ts'
import { shareEffect, type ShareCounts } from './share-effect.ts'

const even = (hits: number, total: number, parts = 20): ShareCounts => ({
  hits: Array<number>(parts).fill(hits / parts),
  totals: Array<number>(parts).fill(total / parts),
})

describe('the effect on a share of failures', () => {
  test('is Newcombe s interval when failures come evenly', () => {
    const { effect } = shareEffect(even(20, 10_000), even(60, 10_000), 0.001)
    const { low, high } = newcombe({ hits: 20, total: 10_000 }, { hits: 60, total: 10_000 })
    expect(effect.value).toBeCloseTo(0.004, 12)
    expect([effect.low, effect.high]).toEqual([low, high])
  })

  test('is wide when they come in bursts, also if only one side saw one', () => {
    const burst = { hits: [40, ...Array<number>(19).fill(0)], totals: Array<number>(20).fill(500) }
    expect(shareEffect(even(0, 10_000), burst, 0.001).p).toBeGreaterThan(0.05)
    expect(shareEffect(even(0, 10_000), even(40, 10_000), 0.001).p).toBeLessThan(1e-6)
  })

  test('no failures in enough exchanges are equivalent', () => {
    expect(shareEffect(even(0, 20_000), even(0, 20_000), 0.001).equivalenceP).toBeLessThan(0.05)
    expect(shareEffect(even(0, 1000), even(0, 1000), 0.001).equivalenceP).toBeGreaterThan(0.05)
  })

  test('rarely finds a difference between equal sides whose failures come in bursts', () => {
    const random = seededRandom(13, 'bursts')
    const side = () => {
      const totals = Array<number>(20).fill(500)
      return { totals, hits: totals.map(() => (random.chance(0.3) ? random.int(5, 30) : 0)) }
    }
    const chances = Array.from({ length: 500 }, () => shareEffect(side(), side(), 0.001).p)
    expect(chances.filter(p => p < 0.05).length / 500).toBeLessThan(0.06)
    expect(chances.filter(p => p < 0.2).length / 500).toBeGreaterThan(0.1)
  })
})
