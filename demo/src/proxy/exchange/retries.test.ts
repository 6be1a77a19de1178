import { describe, expect, test } from 'vitest'
import { Breakers } from '../cluster/breakers.ts'
import { defaultPolicy } from '../defaults.ts'
import { ClusterStats } from '../stats/cluster-stats.ts'
import { Retries } from './retries.ts'

describe('the pause before a further try', () => {
  const pausesWith = (random: number) => {
    const policy = { ...defaultPolicy, retriesMax: 5, retryPauseMs: 25, retryBudgetRatio: -1 }
    const breakers = new Breakers(() => policy)
    const stats = new ClusterStats()
    const retries = new Retries({ policy, breakers, stats, random: () => random })
    const pauses = Array.from({ length: 5 }, () => {
      expect(retries.decide({ wanted: true, answered: true })).toBe('again')
      return retries.pauseMs
    })
    expect(breakers.retries).toBe(1)
    retries.release()
    retries.release()
    expect(breakers.retries).toBe(0)
    return pauses
  }

  test('is drawn below 25, 75, 175 ms and so on, at most 250 ms', () => {
    // (2^N - 1) * 25 ms, as Envoy documents it; the fourth would be 375 ms.
    expect(pausesWith(0.999_999)).toEqual([24, 74, 174, 249, 249])
    expect(pausesWith(0)).toEqual([0, 0, 0, 0, 0])
  })
})
