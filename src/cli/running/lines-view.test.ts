import { expect, test } from 'vitest'
import { isTold } from './lines-view.ts'

test('lines are frequent at first and rare in a long run', () => {
  const told = Array.from({ length: 600 }, (_, index) => index + 1).filter(isTold)
  expect(told.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 10, 15, 20])
  expect(told.filter(second => second > 300)).toEqual([
    ...[330, 360, 390, 420, 450, 480, 510, 540, 570, 600],
  ])
})
