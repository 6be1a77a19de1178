import { expect, test } from 'vitest'
import { type Answers, type Load, useShop } from '../shop-faults.ts'

const shop = useShop()

const browse: Load = { clients: 8, ask: () => ({ line: 'GET /api/v1/products/sku-1001' }) }
const limited = (service: string) =>
  shop.number({ service, metric: 'http_server_rate_limited_requests_total' })
const ofStatus = (answers: Answers, status: number) =>
  answers.all.filter(seen => seen.status === status)

test.each([
  ['gateway', 'global'],
  ['catalog', 'address'],
])('requests beyond the limit at %s (by %s) are refused at once', async (service, key) => {
  expect((await shop.run(browse, 200)).statuses).toEqual({ 200: 200 })

  await shop.setFault('rate-limit', { service, requestsPerSecond: 20, key })
  const refused = await shop.until(browse, 300, answers => {
    expect(answers.share(429)).toBeGreaterThan(0.5)
    expect(answers.share(429) + answers.share(200)).toBe(1)
    expect(answers.share(200)).toBeGreaterThan(0)
  })
  const [first] = ofStatus(refused, 429)
  expect(Number(first?.headers['retry-after'])).toBeGreaterThan(0)
  expect(first?.headers['ratelimit-limit']).toBe('20')
  expect(first?.headers['content-type']).toContain('application/problem+json')
  expect(await limited(service)).toBeGreaterThan(0)

  await shop.clearFault('rate-limit')
  await shop.until(browse, 200, answers => expect(answers.share(200)).toBe(1))
  const counted = await limited(service)
  await shop.run(browse, 200)
  expect(await limited(service)).toBe(counted)
})

test('a limit by user lets others through', async () => {
  const as = (token: string) => ({
    line: 'GET /api/v1/products/sku-1001',
    headers: { authorization: `Bearer ${token}` },
  })
  await shop.setFault('rate-limit', { service: 'gateway', requestsPerSecond: 1, key: 'user' })
  const busy = await shop.run({ clients: 4, ask: () => as('busy') }, 50)
  expect(busy.share(429)).toBeGreaterThan(0.5)
  const others = await shop.run({ clients: 4, ask: n => as(`other-${n}`) }, 50)
  expect(others.share(429)).toBe(0)
})

test('a bank that takes few charges makes payments fail', async () => {
  const pay: Load = {
    clients: 4,
    ask: n => ({ line: 'POST /payments', json: { order_id: `ord-${n}`, amount: 5 } }),
  }
  expect((await shop.run(pay, 20)).statuses).toEqual({ 200: 20 })

  await shop.setFault('external-rate-limit', { requestsPerSecond: 1 })
  const refused = () =>
    shop.number({
      ...{ service: 'payment', metric: 'http_client_request_duration_seconds_count' },
      labels: { server_address: 'bank', http_response_status_code: '429' },
    })
  await shop.until(pay, 50, async answers => {
    expect(answers.share(200)).toBeLessThan(0.5)
    expect(await refused()).toBeGreaterThan(0)
  })

  await shop.clearFault('external-rate-limit')
  await shop.until(pay, 50, answers => expect(answers.share(200)).toBe(1))
})
