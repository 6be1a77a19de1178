import { describe, expect, test } from 'vitest'
import { normalCdf } from '../special/normal.ts'
import { chanceAtMost, newcombe } from './newcombe.ts'

const share = (hits: number, total: number) => ({ hits, total })

describe('the difference of two shares', () => {
  test('agrees with the examples of Newcombe 1998 (table II, method 10)', () => {
    const rounded = (a: [number, number], b: [number, number]) => {
      const { low, high } = newcombe(share(...b), share(...a))
      return [low.toFixed(4), high.toFixed(4)]
    }
    expect(rounded([56, 70], [48, 80])).toEqual(['0.0524', '0.3339'])
    expect(rounded([9, 10], [3, 10])).toEqual(['0.1705', '0.8090'])
    expect(rounded([5, 56], [0, 29])).toEqual(['-0.0381', '0.1926'])
    expect(rounded([10, 10], [0, 20])).toEqual(['0.6791', '1.0000'])
  })

  test('its chance is that of the normal distribution where shares are far from 0 and 1', () => {
    const base = share(50_000, 100_000)
    const candidate = share(50_400, 100_000)
    const z = 0.004 / Math.sqrt((2 * 0.25) / 100_000)
    expect(chanceAtMost(base, candidate, 0)).toBeCloseTo(normalCdf(-z), 3)
  })

  test('the chance at the end of the 95 % interval is 2.5 %', () => {
    const base = share(3, 1000)
    const candidate = share(14, 900)
    expect(chanceAtMost(base, candidate, newcombe(base, candidate).low)).toBeCloseTo(0.025, 6)
    const { high } = newcombe(base, candidate)
    expect(chanceAtMost(base, candidate, high)).toBeCloseTo(0.975, 6)
  })

  test('is one half at the difference itself', () => {
    expect(chanceAtMost(share(0, 10), share(0, 20), 0)).toBe(0.5)
  })
})
