import { expect, test } from 'vitest'
import { useShop, type Answers, type Load } from '../shop-faults.ts'

const shop = useShop()

const recommend: Load = {
  clients: 8,
  ask: n => ({ line: `GET /api/v1/recommendations?product_id=sku-${2_001 + (n % 500)}` }),
}
const atProxy = (service: string, metric: string) =>
  shop.number({ service, kind: 'proxy', metric: `envoy_cluster_${metric}` })
const admitted = (answers: Answers) => answers.only(seen => seen.status === 200)

test('strict-breaker: what it refuses fails at once, what it lets in is well', async () => {
  const service = 'recommendation'
  const before = await shop.run(recommend, 100)
  expect(before.statuses).toEqual({ 200: 100 })
  await shop.setFault('strict-breaker', { service, requestsMax: 1 })
  const during = await shop.until(recommend, 100, answers => {
    expect(answers.share(503)).toBeGreaterThan(0.2)
    expect(admitted(answers).count).toBeGreaterThan(5)
  })
  expect(during.share(200, 503)).toBe(1)
  const refused = during.only(seen => seen.status === 503)
  expect(admitted(during).medianMs).toBeLessThan(3 * before.medianMs)
  expect(refused.all.every(seen => seen.body.includes('overflow'))).toBe(true)
  expect(await atProxy(service, 'upstream_rq_active_overflow')).toBeGreaterThan(20)
  await shop.clearFault('strict-breaker')
  expect((await shop.run(recommend, 100)).statuses).toEqual({ 200: 100 })
})

test('strict-breaker: a service without a proxy gets one', async () => {
  const browse: Load = { clients: 8, ask: () => ({ line: 'GET /products?limit=20' }) }
  expect((await shop.run(browse, 50)).statuses).toEqual({ 200: 50 })
  await shop.setFault('strict-breaker', { service: 'catalog', requestsMax: 1 })
  await shop.until(browse, 100, answers => expect(answers.share(503)).toBeGreaterThan(0.2))
  expect(await atProxy('catalog', 'upstream_rq_active_overflow')).toBeGreaterThan(20)
  await shop.clearFault('strict-breaker')
  expect((await shop.run(browse, 50)).statuses).toEqual({ 200: 50 })
})

test('strict-outlier: few failing requests take all replicas out', async () => {
  const service = 'recommendation'
  const ejections = () => atProxy(service, 'outlier_detection_ejections_enforced_total')
  expect(await ejections()).toBe(0)
  await shop.setFault('strict-outlier', { replicas: 2, failRatio: 0.03, ejectionMs: 1_000 })
  const during = await shop.until(recommend, 300, answers => {
    expect(answers.share(503)).toBeGreaterThan(0.3)
  })
  // The service itself fails for hardly any request.
  expect(during.share(500)).toBeLessThan(0.1)
  expect(await ejections()).toBeGreaterThan(2)
  await shop.clearFault('strict-outlier')
  await shop.until(recommend, 100, answers => expect(answers.share(200)).toBe(1))
  const then = await ejections()
  await shop.run(recommend, 100)
  expect(await ejections()).toBe(then)
})
