import { expect, test, vi } from 'vitest'
import { patience, useShop, type Load } from '../shop-faults.ts'

const shop = useShop()

const browse: Load = {
  clients: 8,
  ask: n => ({ line: `GET /products?limit=20&page=${1 + (n % 90)}` }),
}
const ready = async () =>
  (await shop.processes()).filter(one => one.name === 'catalog' && one.kind === 'service').length
const scaler = (metric: string, labels = {}) =>
  shop.number({
    ...{ service: 'autoscaler', kind: 'autoscaler' as const, labels },
    metric: `kube_${metric}`,
  })
const desired = () => scaler('horizontalpodautoscaler_status_desired_replicas')

test('slow-autoscaling: it is slow until the new replicas are ready', async () => {
  const before = await shop.run(browse, 100)
  await shop.setFault('slow-autoscaling', {
    ...{ service: 'catalog', cores: 0.1, replicasMax: 3, target: 0.5, syncS: 0.3 },
    startDelayS: 1,
  })
  await shop.whileAsking(browse, async last => {
    // More replicas are wanted than there are, and requests are slow.
    const during = await vi.waitFor(async () => {
      expect(await desired()).toBeGreaterThan(1)
      expect(await ready()).toBe(1)
      const answers = last(20)
      expect(answers.count).toBe(20)
      expect(answers.medianMs).toBeGreaterThan(2 * before.medianMs)
      return answers
    }, patience)
    expect(during.share(200)).toBe(1)
    await vi.waitFor(async () => expect(await ready()).toBe(3), patience)
    await vi.waitFor(() => expect(last(20).medianMs).toBeLessThan(during.medianMs), patience)
  })
  await shop.clearFault('slow-autoscaling')
  expect(await ready()).toBe(1)
  await shop.until(browse, 60, answers => {
    expect(answers.medianMs).toBeLessThan(2 * before.medianMs)
  })
})

test('wrong-metric: however much CPU is missing, no replica is added', async () => {
  const throttled = () =>
    shop.number({ service: 'catalog', metric: 'container_cpu_cfs_throttled_periods_total' })
  await shop.setFault('wrong-metric', { service: 'catalog', cores: 0.1, syncS: 0.2, target: 10 })
  const then = await throttled()
  await shop.until(browse, 30, async () => {
    expect((await throttled()) - then).toBeGreaterThan(15)
  })
  expect(await desired()).toBe(1)
  expect(await ready()).toBe(1)
  await shop.clearFault('wrong-metric')
  const after = await throttled()
  await shop.run(browse, 100)
  expect(await throttled()).toBe(after)
})

test('max-replicas: the autoscaler wants more than it may have', async () => {
  await shop.setFault('max-replicas', {
    ...{ service: 'catalog', replicasMax: 2, cores: 0.05, syncMs: 200 },
  })
  await shop.until(browse, 20, async () => {
    expect(await ready()).toBe(2)
    const limited = { condition: 'ScalingLimited', status: 'true' }
    expect(await scaler('horizontalpodautoscaler_status_condition', limited)).toBe(1)
  })
  await shop.clearFault('max-replicas')
  expect(await ready()).toBe(1)
})
