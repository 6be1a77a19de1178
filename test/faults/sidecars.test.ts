import { expect, test } from 'vitest'
import { type Load, useShop } from '../shop-faults.ts'

const shop = useShop({ SHOP_MESH: '1' })

const view: Load = { clients: 4, ask: () => ({ line: 'GET /api/v1/products/sku-1001' }) }
const ofProxy = (service: string, metric: string) => shop.number({ service, kind: 'proxy', metric })

test('a sidecar with too little CPU is throttled, and what passes it waits', async () => {
  const throttled = () => ofProxy('catalog', 'container_cpu_cfs_throttled_periods_total')
  const before = await shop.healthy(view, 100)
  expect(await throttled()).toBe(0)

  await shop.setFault('sidecar-cpu', { service: 'catalog', cores: 0.02 })
  const slow = await shop.until(view, 40, async answers => {
    expect(answers.quantileMs(0.75)).toBeGreaterThan(3 * before.quantileMs(0.75))
    expect(await throttled()).toBeGreaterThan(0)
  })
  // The service beside it has no quota that it could reach.
  const own = { service: 'catalog', metric: 'container_cpu_cfs_throttled_periods_total' }
  expect(await shop.number(own)).toBe(0)

  await shop.clearFault('sidecar-cpu')
  await shop.until(view, 40, answers => {
    expect(answers.quantileMs(0.75)).toBeLessThan(slow.quantileMs(0.75) / 2)
  })
  const after = await throttled()
  await shop.run(view, 100)
  expect(await throttled()).toBe(after)
})

test('a new TLS connection for each call costs a handshake each time', async () => {
  const handshakes = async () =>
    (await ofProxy('catalog', 'envoy_cluster_ssl_handshake')) +
    (await ofProxy('gateway', 'envoy_cluster_ssl_handshake'))
  const perRequest = async (requests: number) => {
    const from = await handshakes()
    const answers = await shop.run(view, requests)
    expect(answers.share(200)).toBe(1)
    return { handshakes: ((await handshakes()) - from) / requests, medianMs: answers.medianMs }
  }
  await shop.run(view, 100)
  const before = await perRequest(200)
  expect(before.handshakes).toBeLessThan(0.3)

  await shop.setFault('tls-per-request', { to: 'all' })
  await shop.run(view, 20)
  const during = await perRequest(100)
  // The gateway calls the catalog, which calls pricing and inventory.
  expect(during.handshakes).toBeGreaterThan(2.5)
  expect(during.medianMs).toBeGreaterThan(1.5 * before.medianMs)
  expect(await ofProxy('catalog', 'envoy_cluster_ssl_session_reused')).toBe(0)

  await shop.clearFault('tls-per-request')
  await shop.until(view, 100, answers => {
    expect(answers.medianMs).toBeLessThan(1.5 * before.medianMs)
  })
  expect((await perRequest(200)).handshakes).toBeLessThan(0.3)
})

test('a rate limit at a proxy refuses with 429 before the service sees the request', async () => {
  const seen = () =>
    shop.number({ service: 'catalog', metric: 'http_server_request_duration_seconds_count' })
  const limited = () => ofProxy('catalog', 'envoy_http_local_rate_limit_rate_limited')
  await shop.run(view, 50)
  expect(await limited()).toBe(0)

  await shop.setFault('proxy-rate-limit', { at: 'catalog', requestsPerSecond: 10 })
  const seenBefore = await seen()
  const answers = await shop.run(view, 300)
  expect(answers.share(429)).toBeGreaterThan(0.5)
  expect(await limited()).toBeGreaterThan(100)
  expect((await seen()) - seenBefore).toBeLessThan(150)

  await shop.clearFault('proxy-rate-limit')
  const counted = await limited()
  await shop.until(view, 100, last => expect(last.share(200)).toBe(1))
  expect(await limited()).toBe(counted)
})
