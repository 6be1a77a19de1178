import { expect, test } from 'vitest'
import { asProblem, Problem, problemDocument } from './problem.ts'

test('a problem document has the members of RFC 9457 and the path that was asked for', () => {
  expect(problemDocument(new Problem(409, 'the cart is empty'), '/api/orders')).toEqual({
    type: 'about:blank',
    title: 'Conflict',
    status: 409,
    detail: 'the cart is empty',
    instance: '/api/orders',
  })
})

test('an error of our own is 500 and keeps its text to itself', () => {
  const problem = asProblem(new Error('select * from secrets'))
  expect(problem.status).toBe(500)
  expect(problem.message).not.toContain('secrets')
})

test('a problem stays the problem it is', () => {
  const problem = new Problem(404, 'gone', { 'retry-after': '1' })
  expect(asProblem(problem)).toBe(problem)
})
