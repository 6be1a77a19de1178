import type { IncomingMessage } from 'node:http'
import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { Problem } from './problem.ts'
import { noRateLimit, RateLimit } from './rate-limit.ts'

const from = (address: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress: address }, headers }) as unknown as IncomingMessage

function limiter(differing: Partial<typeof noRateLimit>) {
  const settings = { ...noRateLimit, ...differing }
  const registry = new Registry()
  const limit = new RateLimit({ settings, registry })
  const passes = (request: IncomingMessage) => problemOf(() => limit.admit(request)) === undefined
  return { settings, registry, limit, passes }
}

function problemOf(work: () => void): Problem | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

describe('a limit of requests per second', () => {
  test('is not there until it is set, and is gone when it is taken away', () => {
    const { settings, passes } = limiter({})
    const asked = () => Array.from({ length: 50 }, () => passes(from('a'))).includes(false)
    expect(asked()).toBe(false)
    settings.rateLimitPerSecond = 1
    expect(asked()).toBe(true)
    settings.rateLimitPerSecond = 0
    expect(asked()).toBe(false)
  })

  test('refuses with 429, says when to come back, and counts', async () => {
    const { limit, registry } = limiter({ rateLimitPerSecond: 0.5 })
    limit.admit(from('a'))
    const refused = problemOf(() => limit.admit(from('a')))
    expect(refused?.status).toBe(429)
    expect(refused?.headers).toMatchObject({ 'retry-after': '2', 'ratelimit-limit': '0.5' })
    const page = await registry.metrics()
    expect(page).toContain('http_server_rate_limited_requests_total{key="global"} 1')
  })

  test.each([
    ['global', [true, false, false, false]],
    ['address', [true, true, false, false]],
    ['user', [true, true, true, false]],
  ])('shares one bucket by %s', (rateLimitKey, expected) => {
    const { passes } = limiter({ rateLimitPerSecond: 0.001, rateLimitKey })
    const requests = [
      from('a'),
      from('b', { authorization: 'Bearer one' }),
      from('a', { 'x-user-id': 'usr-2' }),
      from('b', { authorization: 'Bearer one' }),
    ]
    expect(requests.map(passes)).toEqual(expected)
  })
})
