import { expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import type { Bucket } from './harrell-davis.ts'
import { shiftFunction } from './shift-function.ts'

function distribution(stream: string, factor: number) {
  const random = seededRandom(12, stream)
  const values = Array.from({ length: 5000 }, () => factor * random.exponential(1000))
  const buckets: Bucket[] = values.sort((a, b) => a - b).map(valueUs => ({ valueUs, count: 1 }))
  return { buckets, effectiveSamples: 5000 }
}

test('a distribution that is slower by a fifth is so at every decile', () => {
  const shifts = shiftFunction(distribution('base', 1), distribution('candidate', 1.2))
  expect(shifts.map(({ percent }) => percent)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90])
  for (const { ratio, low, high } of shifts) {
    // 5,000 exponential values know their first decile to 4 %, hence the ratio to 6 %.
    expect(Math.abs(ratio / 1.2 - 1)).toBeLessThan(0.15)
    expect(low).toBeLessThan(ratio)
    expect(high).toBeGreaterThan(ratio)
  }
})

test('against nothing there is no shift', () => {
  expect(shiftFunction(distribution('base', 1), { buckets: [], effectiveSamples: 0 })).toEqual([])
})
