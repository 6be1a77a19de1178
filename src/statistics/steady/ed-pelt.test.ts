import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { normal } from '../testing/queue.ts'
import { changePoints } from './ed-pelt.ts'

describe('change points', () => {
  test('are found where the level changes', () => {
    const random = seededRandom(4, 'levels')
    const values = Array.from(
      { length: 300 },
      (_, i) => (i < 90 ? 10 : i < 200 ? 20 : 10) + normal(random),
    )
    expect(changePoints(values, 10)).toEqual([90, 200])
  })

  test('are found where only the spread changes', () => {
    const random = seededRandom(5, 'spread')
    const values = Array.from({ length: 400 }, (_, i) => (i < 200 ? 1 : 8) * normal(random))
    const [point, ...others] = changePoints(values, 20)
    expect(others).toEqual([])
    expect(Math.abs(point! - 200)).toBeLessThan(10)
  })

  test('are those of the exact search over all segmentations', () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = seededRandom(seed, 'exact')
      const at = random.int(8, 40)
      const values = Array.from(
        { length: 50 },
        (_, i) => normal(random) + (i < at ? 0 : random.chance(0.5) ? 3 : 2),
      )
      expect(changePoints(values, 4)).toEqual(exhaustive(values, 4))
    }
  })

  test('do not exist in constant or too few values', () => {
    expect(changePoints([5, 5, 5, 5, 5, 5, 5, 5], 2)).toEqual([])
    expect(changePoints([1, 9], 1)).toEqual([])
    expect(changePoints([], 1)).toEqual([])
  })
})

/** Optimal partitioning without pruning, costs straight from the empirical distributions. */
function exhaustive(values: readonly number[], shortest: number): number[] {
  const n = values.length
  const penalty = 3 * Math.log(n)
  const best: { cost: number; points: number[] }[] = [{ cost: -penalty, points: [] }]
  for (let end = 1; end <= n; end++) {
    best[end] = { cost: Infinity, points: [] }
    for (let start = 0; start <= end - shortest; start++) {
      const before = best[start]!
      const cost = before.cost + segmentCost(values, start, end) + penalty
      if (cost < best[end]!.cost) best[end] = { cost, points: [...before.points, start] }
    }
  }
  return best[n]!.points.filter(point => point > 0)
}

function segmentCost(values: readonly number[], start: number, end: number): number {
  const n = values.length
  const sorted = [...values].sort((a, b) => a - b)
  const quantiles = Math.ceil(4 * Math.log(n))
  let sum = 0
  for (let i = 0; i < quantiles; i++) {
    const z = -1 + (2 * i + 1) / quantiles
    const limit = sorted[Math.trunc((n - 1) / (1 + Math.pow(2 * n - 1, -z)))]!
    const inside = values.slice(start, end)
    const below = inside.filter(value => value < limit).length
    const share = (below + inside.filter(value => value === limit).length / 2) / inside.length
    if (share <= 0 || share >= 1) continue
    sum += inside.length * (share * Math.log(share) + (1 - share) * Math.log(1 - share))
  }
  return ((-2 * Math.log(2 * n - 1)) / quantiles) * sum
}
