import { expect, test, vi } from 'vitest'
import { patience, type Answers, type Load, useShop } from '../shop-faults.ts'

const shop = useShop()

const view = { line: 'GET /api/v1/products/sku-1001' }
const list = { line: 'GET /products?limit=60' }
const viewing: Load = { clients: 1, ask: () => view }

const lists: Load = { clients: 2, ask: () => list }

/** Single products in a healthy shop while somebody asks for long lists all the time. */
const healthyBesideLists = () => shop.whileAsking(lists, () => shop.healthy(viewing, 15))

/** The same until the answers pass `check`. */
function besideLists(check: (views: Answers) => void): Promise<Answers> {
  return shop.whileAsking(lists, () =>
    vi.waitFor(async () => {
      const views = await shop.run(viewing, 15)
      expect(views.share(200)).toBe(1)
      check(views)
      return views
    }, patience),
  )
}

/** Mean time of all calls or requests a metric has counted since the last look. */
function meanSince(service: string, metric: string, labels: Readonly<Record<string, string>>) {
  let [sum, count] = [0, 0]
  return async (): Promise<number> => {
    const of = { service, labels }
    const nowSum = await shop.number({ ...of, metric: `${metric}_sum` })
    const nowCount = await shop.number({ ...of, metric: `${metric}_count` })
    const mean = (nowSum - sum) / Math.max(1, nowCount - count)
    ;[sum, count] = [nowSum, nowCount]
    return mean
  }
}

test('cheap requests wait behind lists on a shared connection', async () => {
  const queueS = meanSince('gateway', 'http_client_request_time_in_queue_seconds', {
    server_address: 'catalog',
  })
  const ownS = meanSince('catalog', 'http_server_request_duration_seconds', {
    http_route: '/products/:sku',
  })
  const before = await healthyBesideLists()
  const [queueBeforeS, ownBeforeS] = [await queueS(), await ownS()]

  await shop.setFault('shared-connection', { listGoods: 40, comparedGoods: 40 })
  const slow = await besideLists(views => {
    expect(views.medianMs).toBeGreaterThan(4 * before.medianMs)
  })
  expect(await queueS()).toBeGreaterThan(5 * queueBeforeS)
  // The catalog itself is not slower with single products than it was.
  expect(await ownS()).toBeLessThan(4 * ownBeforeS)

  await shop.clearFault('shared-connection')
  await besideLists(views => expect(views.medianMs).toBeLessThan(slow.medianMs / 2))
})

test('cheap requests wait for the event loop while a large answer is made', async () => {
  const before = await healthyBesideLists()

  await shop.setFault('heavy-answers', { service: 'catalog', fromKb: 8 })
  const slow = await besideLists(views => {
    expect(views.medianMs).toBeGreaterThan(4 * before.medianMs)
  })
  await shop.until(viewing, 15, alone => {
    expect(alone.medianMs).toBeLessThan(slow.medianMs / 2)
  })
  expect((await shop.ask(list)).status).toBe(200)

  await shop.clearFault('heavy-answers')
  await besideLists(views => expect(views.medianMs).toBeLessThan(slow.medianMs / 2))
})

const lookups = (service: string, rcode: string) =>
  shop.number({ service, metric: 'dns_lookups_total', labels: { rcode } })

test('names are looked up for each call, in every search domain', async () => {
  const before = await shop.healthy(viewing, 15)
  expect(await lookups('gateway', 'NOERROR')).toBe(0)

  const delayMs = 15
  await shop.setFault('slow-dns', { service: 'gateway', delayMs, searchDomains: 2 })
  await shop.until(viewing, 10, answers => {
    expect(answers.share(200)).toBe(1)
    expect(answers.medianMs).toBeGreaterThan(before.medianMs + 3 * delayMs)
  })
  const [found, unknown] = [
    await lookups('gateway', 'NOERROR'),
    await lookups('gateway', 'NXDOMAIN'),
  ]
  expect(found).toBeGreaterThanOrEqual(10)
  expect(unknown).toBe(2 * found)
  expect(await lookups('catalog', 'NOERROR')).toBe(0)

  await shop.clearFault('slow-dns')
  await shop.until(viewing, 15, answers => {
    expect(answers.medianMs).toBeLessThan(before.medianMs + 2 * delayMs)
  })
  expect(await lookups('gateway', 'NOERROR')).toBe(found)
})

test('a name server that fails makes calls fail', async () => {
  await shop.setFault('slow-dns', { delayMs: 0, failRatio: 0.7, searchDomains: 0 })
  await shop.until(viewing, 20, async answers => {
    expect(answers.share(502)).toBeGreaterThan(0)
    expect(await lookups('gateway', 'SERVFAIL')).toBeGreaterThan(0)
  })
  await shop.clearFault('slow-dns')
  expect((await shop.run(viewing, 20)).statuses).toEqual({ 200: 20 })
})
