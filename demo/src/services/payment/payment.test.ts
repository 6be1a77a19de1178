import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startTestCluster, type TestCluster } from '../../database/test-cluster.ts'
import { openTestService, type TestService } from '../../kit/test-service.ts'
import type { SettingValues } from '../../kit/settings.ts'
import bankDefinition from '../bank.ts'
import paymentDefinition from './payment.ts'

let cluster: TestCluster
let bank: TestService
let payment: TestService
const bases = [bankDefinition, paymentDefinition].map(({ settings }) => ({ ...settings }))

beforeAll(async () => {
  cluster = await startTestCluster()
  const database = cluster.address
  bank = await openTestService(bankDefinition, { database, peers: {} })
  payment = await openTestService(paymentDefinition, { database, peers: { bank } })
})
afterAll(async () => {
  await payment.stop()
  await bank.stop()
  await cluster.stop()
})
afterEach(() => {
  Object.assign(bankDefinition.settings, bases[0])
  Object.assign(paymentDefinition.settings, bases[1])
})

const set = (values: SettingValues) => Object.assign(bankDefinition.settings, values)

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const answer = await fetch(payment.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { answer, status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const pay = (differing: object = {}) =>
  post('/payments', { order_id: 'ord-1', amount: 19.99, ...differing })

describe('a payment', () => {
  test('is charged at the bank, which remembers it by an id of its own', async () => {
    const { status, body } = await pay()
    expect([status, body['amount'], body['status']]).toEqual([200, 19.99, 'captured'])
    const [row] = await payment.database.query('select * from payments where id = $1', [body['id']])
    expect(row).toMatchObject({ amount_cents: 1_999, order_id: 'ord-1' })
    expect(row?.['charge_id']).toMatch(/^ch-/)
  })

  test('that the bank declines is 402 and leaves nothing behind', async () => {
    const { status } = await pay({ order_id: 'ord-declined', method: 'tok_declined' })
    expect(status).toBe(402)
    const authorized = await post('/authorizations', { method: 'card', token: 'tok_declined' })
    expect(authorized.status).toBe(402)
    const sql = `select 1 from payments where order_id = 'ord-declined'`
    expect(await payment.database.query(sql)).toEqual([])
  })

  test("tells the bank's failures apart", async () => {
    set({ failRatio: 1 })
    expect((await pay()).status).toBe(502)
    set({ failRatio: 0, answerMs: 5_000 })
    paymentDefinition.settings.callTimeoutMs = 20
    expect((await pay()).status).toBe(504)
  })

  test('is 503 with the time to wait while the bank takes no more charges', async () => {
    set({ requestsPerSecondMax: 0.001 })
    expect((await pay()).status).toBe(200)
    const busy = await pay()
    expect(busy.status).toBe(503)
    expect(Number(busy.answer.headers.get('retry-after'))).toBeGreaterThan(900)
  })

  test('with a wrong amount does not reach the bank', async () => {
    set({ failRatio: 1 })
    for (const amount of [0, -1, 'ten', null]) expect((await pay({ amount })).status).toBe(400)
  })
})

describe('the bank', () => {
  test('fails the share of charges that is asked for, the same for the same seed', async () => {
    const outcomes = async (failSeed: number) => {
      set({ failRatio: 0.5, failSeed: 0, answerMs: 0 })
      await pay()
      set({ failSeed })
      const statuses: number[] = []
      for (let n = 0; n < 20; n += 1) statuses.push((await pay()).status)
      return statuses
    }
    const first = await outcomes(5)
    expect(await outcomes(5)).toEqual(first)
    expect(await outcomes(6)).not.toEqual(first)
    expect(new Set(first)).toEqual(new Set([200, 502]))
  })

  test('is not the shop: no metrics, no timing, no version', async () => {
    expect((await fetch(`${bank.url}/metrics`)).status).toBe(404)
    const answer = await fetch(`${bank.url}/charges`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'card', amount_cents: 5, capture: true }),
    })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('server-timing')).toBeNull()
    expect(answer.headers.get('x-upstream-version')).toBeNull()
  })
})
