import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test.for([
  ['usres', ['users', 'rate'], 'users'],
  ['DURATION', ['duration', 'rate'], 'duration'],
  ['p95', ['p99', 'p9'], 'p99'],
  ['x', ['y'], 'y'],
] as const)('%s most likely means one of %j', ([seen, known, meant]) => {
  expect(nearest(seen, known)).toBe(meant)
})

test.for([
  ['GET /orders', ['shared']],
  ['anything', []],
  ['', ['users']],
] as const)('%j has nothing near in %j', ([seen, known]) => {
  expect(nearest(seen, known)).toBeUndefined()
})
