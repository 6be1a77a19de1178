import { expect, test } from 'vitest'
import { useShop, type Load } from '../shop-faults.ts'

const shop = useShop()

const browse: Load = {
  clients: 16,
  ask: n => ({ line: `GET /products?limit=20&page=${1 + (n % 90)}` }),
}

test('cpu-quota: a process that has used up its share stands still for a while', async () => {
  const throttled = () =>
    shop.number({ service: 'catalog', metric: 'container_cpu_cfs_throttled_periods_total' })
  const before = await shop.run(browse, 200)
  expect(await throttled()).toBe(0)
  await shop.setFault('cpu-quota', { service: 'catalog', cores: 0.1 })
  const during = await shop.until(browse, 30, async answers => {
    expect(answers.medianMs).toBeGreaterThan(2 * before.medianMs)
    expect(await throttled()).toBeGreaterThan(3)
  })
  expect(during.share(200)).toBe(1)
  await shop.clearFault('cpu-quota')
  await shop.until(browse, 100, answers => {
    expect(answers.medianMs).toBeLessThan(2 * before.medianMs)
  })
  const then = await throttled()
  await shop.run(browse, 100)
  expect(await throttled()).toBe(then)
})

test('thread-limit: requests queue although the process is idle', async () => {
  const queued = () => shop.number({ service: 'catalog', metric: 'http_server_queued_requests' })
  const before = await shop.run(browse, 200)
  await shop.setFault('thread-limit', { service: 'catalog', atOnceMax: 1 })
  await shop.until(browse, 30, async answers => {
    expect(answers.medianMs).toBeGreaterThan(1.5 * before.medianMs)
    expect(await queued()).toBeGreaterThan(10)
  })
  await shop.clearFault('thread-limit')
  await shop.until(browse, 100, async answers => {
    expect(await queued()).toBe(0)
    expect(answers.medianMs).toBeLessThan(1.7 * before.medianMs)
  })
})
