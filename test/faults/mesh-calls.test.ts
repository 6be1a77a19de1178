import { expect, test } from 'vitest'
import { defaultPolicy } from '../../demo/src/proxy/defaults.ts'
import { useShop, type Load } from '../shop-faults.ts'

const shop = useShop({ SHOP_MESH: '1' })

const browse: Load = {
  clients: 16,
  ask: n => ({ line: `GET /products?limit=20&page=${1 + (n % 90)}` }),
}
const atProxy = (service: string, metric: string, cluster: string) =>
  shop.number({
    ...{ service, kind: 'proxy' as const, metric: `envoy_cluster_${metric}` },
    labels: { envoy_cluster_name: cluster },
  })

test('proxy-retry-storm: sidecars multiply the calls of those before them', async () => {
  const retries = () => atProxy('catalog', 'upstream_rq_retry', 'outbound|80||pricing')
  expect((await shop.run(browse, 100)).statuses).toEqual({ 200: 100 })
  expect(await retries()).toBe(0)
  await shop.setFault('proxy-retry-storm', { tries: 3, layers: 2, timeoutMs: 60, cores: 0.02 })
  const during = await shop.until(browse, 40, answers => {
    expect(answers.share(200)).toBeLessThan(0.7)
  })
  expect(during.count).toBe(40)
  expect(await retries()).toBeGreaterThan(20)
  await shop.clearFault('proxy-retry-storm')
  await shop.until(browse, 100, answers => expect(answers.share(200)).toBe(1))
  const then = await retries()
  await shop.run(browse, 100)
  expect(await retries()).toBe(then)
})

test('strict-breaker: a breaker deep inside shows at the front', async () => {
  const refused = () => atProxy('catalog', 'upstream_rq_active_overflow', 'inbound|80||catalog')
  expect(await refused()).toBe(0)
  await shop.setFault('strict-breaker', { service: 'catalog', requestsMax: 1 })
  const during = await shop.until(browse, 100, answers => {
    expect(answers.share(200)).toBeLessThan(0.9)
    expect(answers.share(200)).toBeGreaterThan(0)
  })
  expect(during.share(200, 502, 503)).toBe(1)
  expect(await refused()).toBeGreaterThan(10)
  await shop.clearFault('strict-breaker')
  expect((await shop.run(browse, 100)).statuses).toEqual({ 200: 100 })
})

test('cascade: no proxy gives up for a service that waits without a limit', async () => {
  const pay: Load = {
    clients: 1,
    ask: n => ({ line: 'POST /payments', json: { order_id: `ord-${n}`, amount: 10 } }),
  }
  // A second longer than a proxy waits otherwise.
  const bankMs = defaultPolicy.requestTimeoutMs + 1_000
  await shop.setFault('slow-bank', { answerMs: bankMs })
  expect((await shop.run(pay, 1)).share(200)).toBe(0)
  await shop.clearFault('slow-bank')
  await shop.setFault('cascade', { root: 'bank', bankMs })
  expect((await shop.run(pay, 1)).statuses).toEqual({ 200: 1 })
  await shop.clearFault('cascade')
  expect((await shop.run(pay, 10)).statuses).toEqual({ 200: 10 })
})
