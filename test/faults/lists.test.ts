import { expect, test } from 'vitest'
import { type Ask, type Load, useShop } from '../shop-faults.ts'

/** Between services on one machine a call costs too little time for many of them to be seen. */
const networkDelayMs = 2
const shop = useShop({ SHOP_NETWORK_DELAY: String(networkDelayMs) })

const calls = (service: string, peer: string) =>
  shop.number({
    ...{ service, metric: 'http_client_request_duration_seconds_count' },
    labels: { server_address: peer },
  })
const statements = (service: string) =>
  shop.number({ service, metric: 'db_client_operation_duration_seconds_count' })

const one = (ask: Ask): Load => ({ clients: 1, ask: () => ask })

/** How much a count grew for each of some requests. */
async function perRequest(count: () => Promise<number>, ask: Ask): Promise<number> {
  const requests = 5
  const before = await count()
  const answers = await shop.run(one(ask), requests)
  expect(answers.statuses).toEqual({ 200: requests })
  return ((await count()) - before) / requests
}

test('lists are asked for entry by entry, one after the other', async () => {
  const list = { line: 'GET /products?limit=40' }
  const before = await shop.healthy(one(list), 20)
  const priced = () => calls('catalog', 'pricing')
  expect(await perRequest(priced, list)).toBe(1)

  await shop.setFault('n-plus-one', { service: 'catalog' })
  expect(await perRequest(priced, list)).toBe(40)
  const slow = await shop.until(one(list), 20, answers => {
    expect(answers.medianMs).toBeGreaterThan(3 * before.medianMs)
    // Prices and stock are asked for at the same time.
    expect(answers.medianMs).toBeGreaterThan(40 * networkDelayMs)
  })
  expect(await perRequest(priced, { line: 'GET /api/v1/products/sku-1001' })).toBe(1)

  await shop.clearFault('n-plus-one')
  await shop.until(one(list), 20, answers => {
    expect(answers.medianMs).toBeLessThan(slow.medianMs / 1.5)
  })
  expect(await perRequest(priced, list)).toBe(1)
})

test('an order list with its parts makes a call for each entry', async () => {
  const user = 'usr-demo'
  const list = {
    line: `GET /api/v1/orders?user_id=${user}&include=items,payments,shipments&limit=50`,
  }
  const [empty, all] = [
    await shop.ask({ line: 'GET /api/v1/orders?user_id=nobody' }),
    await shop.ask(list),
  ]
  expect([empty.status, all.status]).toEqual([200, 200])
  const { orders } = JSON.parse(all.body) as { readonly orders: readonly unknown[] }
  const before = await shop.healthy(one(list), 20)
  const counts = {
    shipment: () => calls('order', 'shipment'),
    payment: () => calls('order', 'payment'),
    statements: () => statements('order'),
  }
  const healthyStatements = await perRequest(counts.statements, list)

  await shop.setFault('chatty', { callsAtOnce: 2 })
  expect(await perRequest(counts.shipment, list)).toBe(orders.length)
  expect(await perRequest(counts.payment, list)).toBe(orders.length)
  // The lines of the orders are read one order at a time too.
  expect(await perRequest(counts.statements, list)).toBe(healthyStatements + orders.length - 1)
  const slow = await shop.until(one(list), 20, answers => {
    expect(answers.medianMs).toBeGreaterThan(2 * before.medianMs)
  })

  await shop.clearFault('chatty')
  expect(await perRequest(counts.shipment, list)).toBe(1)
  await shop.until(one(list), 20, answers => {
    expect(answers.medianMs).toBeLessThan(slow.medianMs / 1.5)
  })
})

test('calls that were made together are made one after the other, a few entries each', async () => {
  const ask = { line: 'GET /products?limit=40' }
  const priced = () => calls('catalog', 'pricing')
  const before = await shop.healthy(one(ask), 20)
  expect(await perRequest(priced, ask)).toBe(1)

  await shop.setFault('serialised-calls', { service: 'catalog', entriesPerCall: 4 })
  const slow = await shop.until(one(ask), 20, answers => {
    expect(answers.share(200)).toBe(1)
    expect(answers.medianMs).toBeGreaterThan(2 * before.medianMs)
    // Ten calls for prices and ten for the stock.
    expect(answers.medianMs).toBeGreaterThan(20 * networkDelayMs)
  })
  expect(await perRequest(priced, ask)).toBe(10)

  await shop.clearFault('serialised-calls')
  await shop.until(one(ask), 20, answers => {
    expect(answers.medianMs).toBeLessThan(slow.medianMs / 1.5)
  })
  expect(await perRequest(priced, ask)).toBe(1)
})

test('a release that works more per request is slower and says which it is', async () => {
  const ask = { line: 'GET /api/v1/products/sku-1001' }
  const usedCpuS = () => shop.number({ service: 'catalog', metric: 'process_cpu_seconds_total' })
  const answeredBy = (version: string) =>
    shop.number({
      ...{ service: 'catalog', metric: 'target_info' },
      labels: { service_version: version },
    })
  const first = await shop.healthy(one(ask), 20)
  expect(await answeredBy('stable')).toBe(1)
  expect(Object.keys(first.shares('x-upstream-version'))).toEqual(['stable'])

  const extraCpuUs = 20_000
  await shop.setFault('regression', { service: 'catalog', extraCpuUs })
  const second = await shop.run(one(ask), 20)
  expect(Object.keys(second.shares('x-upstream-version'))).toEqual(['stable-2'])
  expect([await answeredBy('stable'), await answeredBy('stable-2')]).toEqual([0, 1])
  expect(second.medianMs).toBeGreaterThan(first.medianMs + extraCpuUs / 1_000 / 2)
  expect(await perRequest(usedCpuS, ask)).toBeGreaterThan(extraCpuUs / 1e6)

  await shop.clearFault('regression')
  await shop.until(one(ask), 20, answers => {
    expect(answers.shares('x-upstream-version')).toHaveProperty('stable')
    expect(answers.medianMs).toBeLessThan(first.medianMs + extraCpuUs / 1_000 / 2)
  })
  expect(await perRequest(usedCpuS, ask)).toBeLessThan(extraCpuUs / 1e6)
})
