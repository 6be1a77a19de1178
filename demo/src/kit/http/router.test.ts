import { describe, expect, test } from 'vitest'
import { Problem } from './problem.ts'
import { Router } from './router.ts'

const route = (method: string, path: string) => ({ method, path, handle: `${method} ${path}` })
const router = new Router([
  route('GET', '/orders'),
  route('POST', '/orders'),
  route('GET', '/orders/own'),
  route('GET', '/orders/:id'),
  route('POST', '/carts/:id/items/:sku'),
])

function refusal(work: () => unknown): Problem {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('the router', () => {
  test('a fixed path is found, and goes before a parameter', () => {
    expect(router.find('GET', '/orders').route.handle).toBe('GET /orders')
    expect(router.find('GET', '/orders/own').route.handle).toBe('GET /orders/own')
  })

  test('parameters are cut out of the path and decoded', () => {
    const match = router.find('POST', '/carts/c%201/items/SKU%2F7')
    expect(match.route.path).toBe('/carts/:id/items/:sku')
    expect(match.params).toEqual({ id: 'c 1', sku: 'SKU/7' })
  })

  test('HEAD is answered by the route of GET', () => {
    expect(router.find('HEAD', '/orders/7').route.handle).toBe('GET /orders/:id')
  })

  test('an unknown path is 404, also with an empty parameter or a slash too many', () => {
    for (const path of ['/', '/nope', '/orders/', '/orders/7/', '/orders/7/8']) {
      expect(refusal(() => router.find('GET', path)).status).toBe(404)
    }
  })

  test('another method is 405 and says which ones there are', () => {
    const problem = refusal(() => router.find('DELETE', '/orders'))
    expect(problem.status).toBe(405)
    expect(problem.headers).toEqual({ allow: 'GET, HEAD, POST' })
  })

  test('a parameter that is not percent-encoded is 400', () => {
    expect(refusal(() => router.find('GET', '/orders/%ff')).status).toBe(400)
  })

  test('a route that is listed twice is our mistake and shows at the start', () => {
    expect(() => new Router([route('GET', '/a'), route('GET', '/a')])).toThrow('listed twice')
  })
})
