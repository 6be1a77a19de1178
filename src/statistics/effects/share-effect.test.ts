import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { newcombe } from '../intervals/newcombe.ts'
import { normal } from '../testing/queue.ts'
import { shareEffect, type ShareCounts } from './share-effect.ts'

const options = { tolerance: 0.001, runToRun: { deviation: 0, freedom: Infinity } }
const even = (hits: number, total: number, parts = 20): ShareCounts => ({
  hits: Array<number>(parts).fill(hits / parts),
  totals: Array<number>(parts).fill(total / parts),
  runs: 1,
})

describe('the effect on a share of failures', () => {
  test('is Newcombe s interval when failures come evenly', () => {
    const { effect } = shareEffect(even(20, 10_000), even(60, 10_000), options)
    const { low, high } = newcombe({ hits: 20, total: 10_000 }, { hits: 60, total: 10_000 })
    expect(effect.value).toBeCloseTo(0.004, 12)
    expect([effect.low, effect.high]).toEqual([low, high])
  })

  test('is wide when they come in bursts, also if only one side saw one', () => {
    const hits = [40, ...Array<number>(19).fill(0)]
    const burst = { hits, totals: Array<number>(20).fill(500), runs: 1 }
    expect(shareEffect(even(0, 10_000), burst, options).p).toBeGreaterThan(0.05)
    expect(shareEffect(even(0, 10_000), even(40, 10_000), options).p).toBeLessThan(1e-6)
  })

  test('no failures in enough exchanges are equivalent', () => {
    expect(shareEffect(even(0, 20_000), even(0, 20_000), options).equivalenceP).toBeLessThan(0.05)
    expect(shareEffect(even(0, 1000), even(0, 1000), options).equivalenceP).toBeGreaterThan(0.05)
  })

  test('rarely finds a difference between equal sides whose failures come in bursts', () => {
    const random = seededRandom(13, 'bursts')
    const side = () => {
      const totals = Array<number>(20).fill(500)
      return {
        runs: 1,
        totals,
        hits: totals.map(() => (random.chance(0.3) ? random.int(5, 30) : 0)),
      }
    }
    const chances = Array.from({ length: 500 }, () => shareEffect(side(), side(), options).p)
    expect(chances.filter(p => p < 0.05).length / 500).toBeLessThan(0.06)
    expect(chances.filter(p => p < 0.2).length / 500).toBeGreaterThan(0.1)
  })

  test('rarely finds one between runs whose true shares differ as assumed', () => {
    const random = seededRandom(14, 'runs')
    const runToRun = { deviation: 0.3, freedom: Infinity }
    const side = () => even(1000 * Math.exp(0.3 * normal(random)), 100_000)
    const chances = Array.from(
      { length: 1000 },
      () => shareEffect(side(), side(), { tolerance: 0.001, runToRun }).p,
    )
    expect(chances.filter(p => p < 0.05).length / 1000).toBeLessThan(0.07)
    expect(chances.filter(p => p < 0.05).length / 1000).toBeGreaterThan(0.02)
  })
})
