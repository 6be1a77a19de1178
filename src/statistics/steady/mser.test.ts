import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchMeans, mser5 } from './mser.ts'

const fives = (means: readonly number[]) => means.flatMap(mean => Array<number>(5).fill(mean))

describe('the end of the warm-up', () => {
  test('is after the batches that stand out', () => {
    expect(mser5(fives([90, 30, 1, 2, 1, 2, 1, 2, 1, 2]))).toEqual({ warmUp: 10, steady: true })
  })

  test('is the start when nothing stands out', () => {
    expect(mser5(fives([1, 1, 1, 1, 1, 1]))).toEqual({ warmUp: 0, steady: true })
  })

  test('is unknown when latency still falls in the second half', () => {
    expect(mser5(fives([90, 80, 70, 60, 50, 40, 30, 20])).steady).toBe(false)
  })

  test('is unknown for fewer than 20 values', () => {
    expect(mser5(fives([1, 1, 1]))).toEqual({ warmUp: 0, steady: false })
  })

  test('is where the formula is smallest, computed as it is written', () => {
    const value = fc.integer({ min: 0, max: 50 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 20, maxLength: 90 }), values => {
        const means = [...batchMeans(values, 5)]
        const latest = Math.floor(means.length / 2)
        const found = mser5(values).warmUp / 5
        const smallest = Math.min(...means.slice(0, latest + 1).map((_, cut) => error(means, cut)))
        expect(error(means, found)).toBeCloseTo(smallest, 9)
      }),
    )
  })
})

function error(means: readonly number[], cut: number): number {
  const rest = means.slice(cut)
  const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length
  return rest.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rest.length ** 2
}

test('batches that are not full are left out', () => {
  expect([...batchMeans([1, 3, 5, 7, 100], 2)]).toEqual([2, 6])
})
