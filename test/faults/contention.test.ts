import { expect, test, vi } from 'vitest'
import { patience, useShop, type Answers, type Load } from '../shop-faults.ts'

const shop = useShop()

/** Fewer clients than inventory has connections: they wait for rows, not for connections. */
const reserve = (skuOf: (n: number) => string): Load => ({
  clients: 8,
  ask: n => ({
    line: 'POST /api/v1/inventory/reservations',
    json: { order_id: `ord-${n}`, items: [{ sku: skuOf(n), quantity: 1 }] },
  }),
})
const spread = reserve(n => `sku-${2_001 + (n % 2_000)}`)
const oneGood = reserve(() => 'sku-1001')
const read: Load = { clients: 2, ask: () => ({ line: 'GET /api/catalog/products/sku-1001' }) }

/** Connections of a service that wait for a lock right now. */
const waitingForLocks = async (schema: string) => {
  const [row] = await shop.query(
    `select count(*)::int as count from pg_stat_activity
     where application_name = '${schema}' and wait_event_type = 'Lock'`,
  )
  return Number(row?.['count'])
}

const lasting = (writing: Load, check: (writes: Answers) => void) =>
  shop.whileAsking(writing, last =>
    vi.waitFor(async () => {
      expect(await waitingForLocks('shop_inventory')).toBeGreaterThan(3)
      const writes = last(30)
      expect(writes.count).toBe(30)
      check(writes)
    }, patience),
  )

test('hot-row: reservations wait for each other, reads do not', async () => {
  const before = await shop.run(spread, 200)
  const readBefore = await shop.run(read, 50)
  expect(readBefore.share(200)).toBe(1)
  expect(before.statuses).toEqual({ 201: 200 })
  await shop.setFault('hot-row', { looks: 60 })
  await lasting(spread, writes => {
    expect(writes.medianMs).toBeGreaterThan(3 * before.medianMs)
  })
  const reads = await shop.whileAsking(spread, () => shop.run(read, 50))
  expect(reads.share(200)).toBe(1)
  expect(reads.medianMs).toBeLessThan(10 * readBefore.medianMs)
  await shop.clearFault('hot-row')
  await shop.until(spread, 100, answers => {
    expect(answers.medianMs).toBeLessThan(2 * before.medianMs)
  })
  expect(await waitingForLocks('shop_inventory')).toBe(0)
})

test('long-transactions: who wants the same goods waits, who wants others does not', async () => {
  const before = await shop.run(oneGood, 200)
  await shop.setFault('long-transactions', { asks: 20 })
  await lasting(oneGood, writes => expect(writes.medianMs).toBeGreaterThan(3 * before.medianMs))
  await shop.until(spread, 50, async () => expect(await waitingForLocks('shop_inventory')).toBe(0))
  await shop.clearFault('long-transactions')
  await shop.until(oneGood, 100, answers => {
    expect(answers.medianMs).toBeLessThan(2 * before.medianMs)
  })
})

test('table-lock: writes stand still while the job has the lock, and go on between', async () => {
  const before = await shop.run(spread, 200)
  await shop.setFault('table-lock', { table: 'stock', holdMs: 400, pauseMs: 200 })
  await lasting(spread, () => undefined)
  await shop.until(spread, 300, answers => {
    expect(answers.quantileMs(0.99)).toBeGreaterThan(300)
    expect(answers.medianMs).toBeLessThan(200)
  })
  await shop.clearFault('table-lock')
  const after = await shop.until(spread, 200, answers => {
    expect(answers.quantileMs(0.99)).toBeLessThan(Math.max(200, 3 * before.quantileMs(0.99)))
  })
  expect(after.statuses).toEqual({ 201: 200 })
})
