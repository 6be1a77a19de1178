import { expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { normal } from '../testing/queue.ts'
import { resample } from './stationary-bootstrap.ts'

test('draws blocks of the mean length asked for, around the end too', () => {
  const random = seededRandom(1, 'blocks')
  const drawn = new Uint32Array(1000)
  let joints = 0
  for (let i = 0; i < 100; i++) {
    resample(drawn, { random, meanBlockLength: 5 })
    for (let j = 1; j < 1000; j++) if (drawn[j] === (drawn[j - 1]! + 1) % 1000) joints += 1
  }
  // A value follows its neighbour unless a new block begins, with chance 1/5.
  expect(joints / 99_900).toBeCloseTo(0.8, 2)
})

test('with blocks of one, the mean of n values has the error sd / sqrt(n)', () => {
  const random = seededRandom(2, 'blocks')
  const values = Float64Array.from({ length: 100 }, () => normal(random))
  const mean = (list: Float64Array) => list.reduce((sum, value) => sum + value, 0) / list.length
  const centre = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 100
  const drawn = new Uint32Array(100)
  const means = Float64Array.from({ length: 4000 }, () => {
    resample(drawn, { random, meanBlockLength: 1 })
    return mean(Float64Array.from(drawn, index => values[index]!))
  })
  const spread = means.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 4000
  expect(spread / (variance / 100)).toBeCloseTo(1, 1)
})

test('the same seed draws the same', () => {
  const draw = () => {
    const drawn = new Uint32Array(1000)
    resample(drawn, { random: seededRandom(3, 'same'), meanBlockLength: 4 })
    return drawn
  }
  expect(draw()).toEqual(draw())
})
