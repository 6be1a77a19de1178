import { expect, test, vi } from 'vitest'
import { patience, useShop, type Answers, type Load } from '../shop-faults.ts'

const shop = useShop()

const browse: Load = {
  clients: 8,
  ask: n => ({
    line: `GET /products?limit=20&page=${1 + (n % 90)}`,
    headers: { 'user-agent': 'one for all' },
  }),
}
/** Requests by replica while `work` runs, the most first. */
async function requestsByReplica(work: () => Promise<unknown>): Promise<number[]> {
  const ids = (await shop.processes())
    .filter(one => one.name === 'catalog' && one.kind === 'service')
    .map(one => one.id)
  const metric = 'http_server_request_duration_seconds_count'
  const labels = { http_route: '/products' }
  const counts = () =>
    Promise.all(ids.map(id => shop.number({ service: 'catalog', id, metric, labels })))
  const before = await counts()
  await work()
  const after = await counts()
  return after.map((count, index) => count - (before[index] ?? 0)).sort((a, b) => b - a)
}
const replicas = async () =>
  (await shop.processes()).filter(one => one.name === 'catalog' && one.kind === 'service').length

test('sticky-balancing: one replica does the work of all', async () => {
  const before = await shop.run(browse, 100)
  let during = before
  await shop.setFault('sticky-balancing', { service: 'catalog', replicas: 3, cores: 0.05 })
  expect(await replicas()).toBe(3)
  const counts = await requestsByReplica(async () => {
    during = await shop.until(browse, 40, answers => {
      expect(answers.medianMs).toBeGreaterThan(2 * before.medianMs)
    })
    expect(during.share(200)).toBe(1)
  })
  expect(counts[0]).toBeGreaterThanOrEqual(40)
  expect(counts.slice(1)).toEqual([0, 0])
  await shop.clearFault('sticky-balancing')
  expect(await replicas()).toBe(1)
  await shop.until(browse, 60, answers => {
    expect(answers.medianMs).toBeLessThan(during.medianMs / 2)
  })
})

test('slow-replica: all get as many requests, and one is slow', async () => {
  const tail = (answers: Answers) => answers.quantileMs(0.9) / answers.quantileMs(0.3)
  await shop.setFault('slow-replica', { service: 'catalog', replicas: 3, cores: 0.02 })
  const [slow = '', ...others] = (await shop.processes())
    .filter(one => one.name === 'catalog' && one.kind === 'service')
    .map(one => one.id)
  const throttled = (id: string) =>
    shop.number({ service: 'catalog', id, metric: 'container_cpu_cfs_throttled_periods_total' })
  const few = { ...browse, clients: 3 }
  const counts = await requestsByReplica(async () => {
    const during = await shop.until(few, 60, answers => {
      expect(tail(answers)).toBeGreaterThan(5)
    })
    expect(during.share(200)).toBe(1)
  })
  expect(counts[0]).toBeLessThan(1.2 * (counts[2] ?? 0) + 5)
  expect(await throttled(slow)).toBeGreaterThan(3)
  expect(await Promise.all(others.map(throttled))).toEqual([0, 0])
  await shop.clearFault('slow-replica')
  await shop.until(few, 60, answers => expect(tail(answers)).toBeLessThan(5))
})

test('pinned-connections: replicas that come under load get none of it', async () => {
  await shop.whileAsking(browse, async last => {
    await shop.setFault('pinned-connections', { service: 'catalog', replicas: 3, cores: 0.05 })
    expect(await replicas()).toBe(3)
    const soFar = last(Infinity).count
    // The same clients go on: one more would open a connection of its own, to a replica with time.
    const counts = await requestsByReplica(() =>
      vi.waitFor(() => expect(last(Infinity).count).toBeGreaterThan(soFar + 40), patience),
    )
    expect(last(20).share(200)).toBe(1)
    expect(counts[0]).toBeGreaterThanOrEqual(20)
    expect(counts[2]).toBeLessThan(0.1 * (counts[0] ?? 0))
  })
  await shop.clearFault('pinned-connections')
  expect(await replicas()).toBe(1)
  expect((await shop.run(browse, 50)).statuses).toEqual({ 200: 50 })
})

test('replicas of two faults: the clear of one leaves those of the other', async () => {
  const service = 'catalog'
  await shop.setFault('slow-replica', { service, replicas: 2, cores: 1 })
  await shop.setFault('sticky-balancing', { service, replicas: 3, cores: 1 })
  expect(await replicas()).toBe(3)
  await shop.clearFault('slow-replica')
  expect(await replicas()).toBe(3)
  await shop.clearFault('sticky-balancing')
  expect(await replicas()).toBe(1)
})
