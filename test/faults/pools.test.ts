import { expect, test, vi } from 'vitest'
import { patience, useShop, type Load } from '../shop-faults.ts'

const shop = useShop()

const browse: Load = {
  clients: 24,
  ask: n => ({ line: `GET /products?limit=20&page=${1 + (n % 90)}` }),
}
const pay: Load = {
  clients: 24,
  ask: n => ({ line: 'POST /payments', json: { order_id: `ord-${n}`, amount: 10 } }),
}
const poolOf = (service: string, number: string, labels = {}) =>
  shop.number({ service, metric: `db_client_connection_${number}`, labels })

test('small-pool: requests and exports want the same connections', async () => {
  const few: Load = { ...browse, clients: 3 }
  const before = await shop.healthy(few, 60)
  // The exports alone do nobody harm: it is the size of the pool.
  await shop.setFault('small-pool', { connectionsMax: 10, exports: 2, exportMs: 300 })
  await vi.waitFor(async () => {
    expect(await poolOf('catalog', 'count', { state: 'used' })).toBeGreaterThanOrEqual(2)
    expect((await shop.run(few, 60)).medianMs).toBeLessThan(2 * before.medianMs)
  }, patience)
  await shop.clearFault('small-pool')

  await shop.setFault('small-pool', { connectionsMax: 2, exports: 2, exportMs: 300 })
  await shop.until(few, 60, answers => {
    expect(answers.share(200)).toBe(1)
    expect(answers.quantileMs(0.75)).toBeGreaterThan(4 * before.quantileMs(0.75))
  })
  const idle = `select count(*)::int as count from pg_stat_activity
    where application_name = 'shop_catalog' and state = 'idle in transaction'`
  await vi.waitFor(async () => {
    expect((await shop.query(idle))[0]?.['count']).toBeGreaterThan(0)
  }, patience)

  await shop.clearFault('small-pool')
  await shop.until(few, 60, answers => {
    expect(answers.quantileMs(0.75)).toBeLessThan(2 * before.quantileMs(0.75))
  })
  expect((await shop.query(idle))[0]).toEqual({ count: 0 })
})

test('small-pool: requests wait for a connection, then fail', async () => {
  expect((await shop.run(browse, 100)).statuses).toEqual({ 200: 100 })
  expect(await poolOf('catalog', 'max')).toBe(10)
  await shop.setFault('small-pool', { connectionsMax: 1, waitMs: 10, exports: 0 })
  expect(await poolOf('catalog', 'max')).toBe(1)
  await shop.until({ ...browse, clients: 64 }, 100, async answers => {
    expect(answers.share(503)).toBeGreaterThan(0.1)
    expect(answers.share(503, 200)).toBe(1)
    expect(await poolOf('catalog', 'pending_requests')).toBeGreaterThan(2)
  })
  await shop.clearFault('small-pool')
  expect(await poolOf('catalog', 'max')).toBe(10)
  expect((await shop.run(browse, 100)).statuses).toEqual({ 200: 100 })
})

test('leaked-connections: the pool runs dry and stays dry until they are given back', async () => {
  await shop.setFault('small-pool', { connectionsMax: 10, waitMs: 50, exports: 0 })
  await shop.setFault('leaked-connections', { leakRatio: 0.05 })
  await shop.until(browse, 100, answers => expect(answers.share(503)).toBe(1))
  // Nobody asks for anything, and yet no connection is free.
  expect(await poolOf('catalog', 'count', { state: 'used' })).toBe(10)
  await shop.clearFault('leaked-connections')
  expect(await poolOf('catalog', 'count', { state: 'used' })).toBe(0)
  expect((await shop.run(browse, 100)).statuses).toEqual({ 200: 100 })
})

test('calls-in-transaction: connections are idle in transaction during a charge', async () => {
  const before = await shop.run(pay, 100)
  expect(before.statuses).toEqual({ 200: 100 })
  await shop.setFault('calls-in-transaction', { bankMs: 150, connectionsMax: 8 })
  const during = await shop.whileAsking(pay, async last => {
    await vi.waitFor(async () => {
      expect(await poolOf('payment', 'pending_requests')).toBeGreaterThan(5)
      const idle = `select count(*)::int as count from pg_stat_activity
        where application_name = 'shop_payment' and state = 'idle in transaction'`
      expect((await shop.query(idle))[0]).toMatchObject({ count: 8 })
      expect(last(50).count).toBe(50)
    }, patience)
    return last(50)
  })
  // 24 clients, 8 connections: a payment takes three times as long as the bank.
  expect(during.medianMs).toBeGreaterThan(2 * 150)
  await shop.clearFault('calls-in-transaction')
  const after = await shop.until(pay, 50, answers => expect(answers.medianMs).toBeLessThan(150))
  expect(after.statuses).toEqual({ 200: 50 })
})
