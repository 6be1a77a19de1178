import { expect, test, vi } from 'vitest'
import { patience, useShop } from '../shop-faults.ts'

const shop = useShop()

const reportLine = 'POST /api/v1/reports/usage'
const headers = { authorization: 'Api-Key lf_demo_cloudnative_api_key' }

interface Made {
  /** From the first request to the last finished report. */
  readonly doneMs: number
  /** The slowest acceptance of a report. */
  readonly acceptedMs: number
}

/** Has reports made, and waits for them as a client does: it polls. */
async function makeReports(count: number, meanwhile = async () => {}): Promise<Made> {
  const startedMs = performance.now()
  const asked = await shop.run(
    { clients: 4, ask: () => ({ line: reportLine, headers, json: {} }) },
    count,
  )
  expect(asked.statuses).toEqual({ 202: count })
  const ids = asked.all.map(seen => (JSON.parse(seen.body) as { readonly job_id: string }).job_id)
  await meanwhile()
  for (const id of ids) {
    await vi.waitFor(
      async () => {
        const { body } = await shop.ask(`GET /api/v1/jobs/${id}`)
        expect(JSON.parse(body)).toMatchObject({ status: 'completed' })
      },
      { ...patience, interval: 20 },
    )
  }
  return { doneMs: performance.now() - startedMs, acceptedMs: asked.quantileMs(0.5) }
}

const inQueue = (service: string, metric: string, labels = {}) =>
  shop.number({ service, metric, labels })

/** The greatest of the numbers seen while `work` runs. */
async function greatest<T>(
  read: () => Promise<number>,
  work: Promise<T>,
): Promise<{ readonly most: number; readonly result: T }> {
  let most = 0
  let ended = false
  const result = work.finally(() => (ended = true))
  while (!ended) most = Math.max(most, await read())
  return { most, result: await result }
}

/** The fastest of some tries: what the shop does when nobody disturbs it. */
async function healthyReports(count: number): Promise<Made> {
  const tries: Made[] = []
  for (let n = 0; n < 3; n += 1) tries.push(await makeReports(count))
  return tries.reduce((best, one) => (one.doneMs < best.doneMs ? one : best))
}

const oldestS = () => inQueue('jobs', 'messaging_queue_oldest_message_age_seconds')
const busyConsumers = () => inQueue('jobs', 'messaging_consumers', { state: 'busy' })

test('few consumers with heavy work finish late what is accepted at once', async () => {
  const before = await healthyReports(5)

  await shop.setFault('slow-consumers', { queue: 'jobs', consumers: 1, timesHeavier: 15 })
  const slow = await vi.waitFor(async () => {
    const { most, result } = await greatest(oldestS, makeReports(5))
    expect(result.doneMs).toBeGreaterThan(2 * before.doneMs)
    expect(result.acceptedMs).toBeLessThan(result.doneMs / 10)
    // The last report waited for most of the time that all took.
    expect(most * 1_000).toBeGreaterThan(result.doneMs / 3)
    return result
  }, patience)
  expect(await busyConsumers()).toBe(0)

  await shop.clearFault('slow-consumers')
  await vi.waitFor(async () => {
    expect((await makeReports(5)).doneMs).toBeLessThan(slow.doneMs / 1.5)
  }, patience)
})

test('one partition lets one consumer work, however many there are', async () => {
  const before = await healthyReports(5)

  await shop.setFault('one-partition', { queue: 'jobs', messageMs: 400 })
  const serial = await vi.waitFor(async () => {
    const { most, result } = await greatest(busyConsumers, makeReports(5))
    expect(most).toBe(1)
    expect(result.doneMs).toBeGreaterThan(2 * before.doneMs)
    return result
  }, patience)

  await shop.clearFault('one-partition')
  await vi.waitFor(async () => {
    const { most, result } = await greatest(busyConsumers, makeReports(5))
    expect(most).toBeGreaterThan(1)
    expect(result.doneMs).toBeLessThan(serial.doneMs / 1.2)
  }, patience)
})

test('consumers that wait for a lock are busy and finish nothing', async () => {
  const before = await healthyReports(2)

  await shop.setFault('blocked-consumers', { queue: 'jobs', holdMs: 400, pauseMs: 50 })
  const waitForLock = () => databaseNumber('pg_stat_activity_count', 'wait_event_type="Lock"')
  const blocked = await vi.waitFor(async () => {
    const made = await makeReports(2, async () => {
      await vi.waitFor(async () => expect(await waitForLock()).toBeGreaterThan(0), patience)
      expect((await shop.ask('GET /api/v1/jobs?limit=5')).status).toBe(200)
    })
    expect(made.doneMs).toBeGreaterThan(2 * before.doneMs)
    expect(made.acceptedMs).toBeLessThan(made.doneMs / 10)
    return made
  }, patience)

  await shop.clearFault('blocked-consumers')
  await vi.waitFor(async () => {
    expect((await makeReports(2)).doneMs).toBeLessThan(blocked.doneMs / 1.5)
    expect(await waitForLock()).toBe(0)
  }, patience)
})

test('slow, blocked and single consumers let notifications wait', async () => {
  const { url = '' } = (await shop.processes()).find(one => one.name === 'notification') ?? {}
  const waited = (part: 'sum' | 'count') =>
    inQueue('notification', `messaging_queue_wait_seconds_${part}`)
  /** Mean time in the queue of messages for as many customers, all put in at once. */
  const meanWaitS = async (count: number): Promise<number> => {
    const [sumS, taken] = [await waited('sum'), await waited('count')]
    const sent = Array.from({ length: count }, async (_, n) => {
      const body = JSON.stringify({ user_id: `usr-${n}`, kind: 'news', data: {} })
      const type = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/notifications`, { method: 'POST', headers: type, body })
      expect(answer.status).toBe(202)
    })
    await Promise.all(sent)
    await vi.waitFor(async () => expect(await waited('count')).toBe(taken + count), patience)
    return ((await waited('sum')) - sumS) / count
  }
  const tries: number[] = []
  for (let n = 0; n < 5; n += 1) tries.push(await meanWaitS(60))
  const healthyS = Math.min(...tries)

  // Milder than they are drawn: 60 messages are to be worked in seconds.
  const mild = {
    'slow-consumers': { consumers: 1, timesHeavier: 2 },
    'blocked-consumers': { holdMs: 1_500, pauseMs: 100 },
    'one-partition': { messageMs: 50 },
  }
  for (const [name, parameters] of Object.entries(mild)) {
    await shop.setFault(name, { queue: 'notification', ...parameters })
    const slowS = await vi.waitFor(async () => {
      const meanS = await meanWaitS(60)
      expect(meanS, name).toBeGreaterThan(2 * healthyS)
      return meanS
    }, patience)
    await shop.clearFault(name)
    await vi.waitFor(async () => {
      expect(await meanWaitS(60), name).toBeLessThan(slowS / 1.4)
    }, patience)
  }
})

/** Sum over the samples of a metric of the database that have this label. */
async function databaseNumber(metric: string, label: string): Promise<number> {
  const answer = await fetch(`${shop.ready.controlUrl}/metrics`)
  const lines = (await answer.text()).split('\n')
  return lines
    .filter(line => line.startsWith(`${metric}{`) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

test('a report on the shared database slows the queries of all services', async () => {
  const view = { clients: 2, ask: () => ({ line: 'GET /api/v1/search?q=lamp' }) }
  const stock = { clients: 2, ask: () => ({ line: 'GET /api/v1/products/sku-1001' }) }
  const before = { search: await shop.healthy(view, 60), stock: await shop.healthy(stock, 60) }
  const reports = () =>
    databaseNumber('pg_stat_activity_count', 'application_name="nightly-report"')
  expect(await reports()).toBe(0)

  await shop.setFault('noisy-job', { concurrency: 8, comparedGoods: 40, databaseCores: 0.5 })
  // Each query has workers beside it.
  expect(await reports()).toBeGreaterThanOrEqual(8)
  const slow = await shop.until(view, 60, answers => {
    expect(answers.quantileMs(0.75)).toBeGreaterThan(2 * before.search.quantileMs(0.75))
  })
  await shop.until(stock, 60, answers => {
    expect(answers.quantileMs(0.75)).toBeGreaterThan(2 * before.stock.quantileMs(0.75))
  })

  await shop.clearFault('noisy-job')
  await shop.until(view, 60, async answers => {
    expect(answers.quantileMs(0.75)).toBeLessThan(slow.quantileMs(0.75) / 1.5)
    expect(await reports()).toBe(0)
  })
})
