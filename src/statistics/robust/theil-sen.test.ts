import { expect, test } from 'vitest'
import { seededRandom } from '../../base/index.ts'
import { normal } from '../testing/queue.ts'
import { theilSen } from './theil-sen.ts'

test('by hand: 1, 2, 4 has the slopes 1, 1.5 and 2', () => {
  expect(theilSen([1, 2, 4])).toEqual({ perStep: 1.5, lowPerStep: 1, highPerStep: 2 })
})

test('a quarter of wild values does not change the slope of a line', () => {
  const values = Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? 1000 * (i % 3) : 2 * i))
  expect(theilSen(values).perStep).toBe(2)
})

test('its 95 % interval holds the true slope in about 95 % of all series', () => {
  const random = seededRandom(1, 'slopes')
  let held = 0
  for (let series = 0; series < 400; series++) {
    const values = Array.from({ length: 30 }, (_, i) => 0.1 * i + normal(random))
    const { lowPerStep, highPerStep } = theilSen(values)
    if (lowPerStep <= 0.1 && highPerStep >= 0.1) held += 1
  }
  expect(held / 400).toBeGreaterThan(0.93)
  expect(held / 400).toBeLessThan(0.98)
})

test('of one value there is none', () => {
  expect(theilSen([1])).toEqual({ perStep: NaN, lowPerStep: NaN, highPerStep: NaN })
})
