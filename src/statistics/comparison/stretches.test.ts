import fc from 'fast-check'
import { expect, test } from 'vitest'
import { queueSource } from '../testing/queue-source.ts'
import { queueRun } from '../testing/queue.ts'
import { correlationSeconds, cut, usualLength } from './stretches.ts'

const source = queueSource(
  queueRun({ seed: 1, stream: 'a', seconds: 100, arrivalsPerSecond: 40, serviceUs: 5000 }),
)

test('stretches lie side by side up to the end, and hold every exchange once', () => {
  fc.assert(
    fc.property(
      fc.nat(50),
      fc.integer({ min: 51, max: 100 }),
      fc.integer({ min: 1, max: 60 }),
      (from, to, length) => {
        const [slices] = cut([{ source, fromSecond: from, toSecond: to }], length)
        const count = Math.floor((to - from) / length)
        expect(slices).toHaveLength(count)
        const counted = slices!.reduce((sum, slice) => sum + slice.count, 0)
        expect(counted).toBe(count === 0 ? 0 : source.merged(to - count * length, to).count)
      },
    ),
  )
})

test('their usual length gives 24 to the side that has less time', () => {
  const part = (seconds: number) => ({ source, fromSecond: 0, toSecond: seconds })
  expect(usualLength([part(100)], [part(72), part(24)])).toBe(4)
  expect(usualLength([part(10)], [part(100)])).toBe(1)
})

test('the correlation time is the whole part when that has no exchanges', () => {
  const sparse = { seconds: 60, merged: (from: number, to: number) => source.merged(from, to) }
  const part = { source: sparse, fromSecond: 0, toSecond: 60 }
  expect(correlationSeconds(part)).toBeGreaterThanOrEqual(1)
  const empty = { ...source.merged(0, 0), count: 0 }
  const silent = { seconds: 60, merged: () => empty }
  expect(correlationSeconds({ ...part, source: silent })).toBe(60)
})
