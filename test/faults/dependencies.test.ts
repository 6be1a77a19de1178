import { expect, test, vi } from 'vitest'
import { patience, useShop, type Load } from '../shop-faults.ts'

const shop = useShop()

const browse: Load = {
  clients: 12,
  ask: n => ({ line: `GET /products?limit=20&page=${1 + (n % 90)}` }),
}
const few: Load = { ...browse, clients: 3 }
const pay: Load = {
  clients: 4,
  ask: n => ({ line: 'POST /payments', json: { order_id: `ord-${n}`, amount: 10 } }),
}
const callsTo = (service: string, peer: string, number: string) =>
  shop.number({
    service,
    metric: `http_client_request_duration_seconds_${number}`,
    labels: { server_address: peer },
  })
const requestsAt = (service: string) =>
  shop.number({ service, metric: 'http_server_request_duration_seconds_count' })
const sum = async (values: Promise<number>[]) =>
  (await Promise.all(values)).reduce((total, value) => total + value, 0)

/** Mean time of catalog's calls to pricing since it was last asked. */
function callTimes(): () => Promise<number> {
  let before = [0, 0]
  return async () => {
    const numbers = ['sum', 'count'].map(number => callsTo('catalog', 'pricing', number))
    const now = await Promise.all(numbers)
    const [seconds = 0, calls = 0] = now.map((value, place) => value - (before[place] ?? 0))
    before = now
    return (1_000 * seconds) / calls
  }
}

test('slow-dependency: pricing reads a large table for every request', async () => {
  const outdated = async () => {
    const [row] = await shop.query(`select count(*)::int as count from shop_pricing.price_rules
      where category = 'outdated'`)
    return row?.['count']
  }
  const callMs = callTimes()
  await shop.run(few, 100)
  await callMs()
  const before = await shop.run(few, 200)
  const callMsBefore = await callMs()
  await shop.setFault('slow-dependency', { rules: 400_000 })
  expect(await outdated()).toBe(400_000)
  const during = await shop.until(few, 50, async answers => {
    expect(await callMs()).toBeGreaterThan(2 * callMsBefore)
    expect(answers.medianMs).toBeGreaterThan(1.7 * before.medianMs)
  })
  expect(during.share(200)).toBe(1)
  await shop.clearFault('slow-dependency')
  expect(await outdated()).toBe(0)
  await shop.until(few, 100, answers => {
    expect(answers.medianMs).toBeLessThan(1.7 * before.medianMs)
  })
})

test('slow-dark-dependency: pricing is slow and tells nothing', async () => {
  const pricing = (await shop.processes()).find(one => one.name === 'pricing')
  const metrics = async () => (await fetch(pricing?.metricsUrl ?? '')).status
  const before = await shop.run(few, 200)
  expect(await metrics()).toBe(200)
  await shop.setFault('slow-dark-dependency', { rules: 400_000 })
  expect(await metrics()).toBe(404)
  await shop.until(few, 50, answers => {
    expect(answers.medianMs).toBeGreaterThan(1.7 * before.medianMs)
  })
  await shop.clearFault('slow-dark-dependency')
  expect(await metrics()).toBe(200)
  await shop.until(few, 100, answers => {
    expect(answers.medianMs).toBeLessThan(1.7 * before.medianMs)
  })
})

test('slow-bank: payments take as much longer as the bank does', async () => {
  const before = await shop.run(pay, 50)
  expect(before.statuses).toEqual({ 200: 50 })
  await shop.setFault('slow-bank', { answerMs: 300 })
  const seconds = await callsTo('payment', 'bank', 'sum')
  const during = await shop.run(pay, 12)
  expect(during.statuses).toEqual({ 200: 12 })
  expect(Math.min(...during.all.map(seen => seen.ms))).toBeGreaterThan(295)
  expect((await callsTo('payment', 'bank', 'sum')) - seconds).toBeGreaterThan(12 * 0.295)
  await shop.clearFault('slow-bank')
  await shop.until(pay, 50, answers => expect(answers.medianMs).toBeLessThan(150))
})

test('retry-storm: pricing gets several times the calls, most for nothing', async () => {
  const retries = () =>
    sum(
      ['catalog', 'gateway'].map(service =>
        shop.number({ service, metric: 'http_client_retries_total' }),
      ),
    )
  const perRequest = async (requests: number) => {
    const [retriedBefore, askedBefore] = [await retries(), await requestsAt('pricing')]
    const answers = await shop.run(browse, requests)
    const asked = (await requestsAt('pricing')) - askedBefore
    return { answers, asked: asked / requests, retried: (await retries()) - retriedBefore }
  }
  const before = await perRequest(100)
  expect(before.answers.statuses).toEqual({ 200: 100 })
  expect(before).toMatchObject({ retried: 0 })
  expect(before.asked).toBeLessThan(1.2)
  await shop.setFault('retry-storm', {
    ...{ tries: 3, layers: 2, timeoutMs: 60, cores: 0.3, triggerCores: 0.02, triggerS: 600 },
  })
  const during = await perRequest(60)
  expect(during.answers.share(504)).toBeGreaterThan(0.2)
  expect(during.retried).toBeGreaterThan(60)
  await shop.clearFault('retry-storm')
  await shop.until(browse, 100, answers => expect(answers.share(200)).toBe(1))
  expect((await perRequest(100)).retried).toBe(0)
})

test('retry-storm: the weakness of pricing passes by itself', async () => {
  const quota = () => shop.number({ service: 'pricing', metric: 'container_spec_cpu_quota' })
  await shop.setFault('retry-storm', { cores: 0.5, triggerCores: 0.05, triggerS: 0.3 })
  await vi.waitFor(async () => expect(await quota()).toBe(50_000), patience)
  await shop.clearFault('retry-storm')
  expect(await quota()).toBe(0)
  await shop.setFault('retry-storm', { cores: 0.5, triggerCores: 0.05, triggerS: 600 })
  expect(await quota()).toBe(5_000)
  await shop.clearFault('retry-storm')
  expect(await quota()).toBe(0)
})

test('cascade: who does not need the slow service waits too', async () => {
  const other: Load = { clients: 1, ask: () => ({ line: 'GET /api/orders/ord-784512' }) }
  const queued = () => shop.number({ service: 'gateway', metric: 'http_client_queued_requests' })
  const before = await shop.whileAsking(browse, () => shop.run(other, 30))
  expect(before.statuses).toEqual({ 200: 30 })
  await shop.setFault('cascade', { root: 'pricing', cores: 0.02, callsAtOnceMax: 4 })
  const during = await shop.whileAsking(browse, () =>
    vi.waitFor(async () => {
      const answers = await shop.run(other, 3)
      expect(answers.medianMs).toBeGreaterThan(4 * before.medianMs)
      expect(await queued()).toBeGreaterThan(4)
      return answers
    }, patience),
  )
  await shop.clearFault('cascade')
  await shop.until(browse, 50, async () => {
    expect((await shop.run(other, 10)).medianMs).toBeLessThan(during.medianMs / 2)
    expect(await queued()).toBe(0)
  })
})
