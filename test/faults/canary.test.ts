import { expect, test } from 'vitest'
import { useShop, type Answers, type Load } from '../shop-faults.ts'

const shop = useShop({ SHOP_CANARY_WEIGHT: '50' })

const skuOf = (n: number) => `sku-${2_001 + (n % 500)}`
const recommend: Load = {
  clients: 4,
  ask: n => ({ line: `GET /api/v1/recommendations?product_id=${skuOf(n)}` }),
}
const asTester: Load = {
  clients: 4,
  ask: n => ({ ...recommend.ask(n), headers: { 'x-user-segment': 'beta-testers' } }),
}
const of = (answers: Answers, version: string) =>
  answers.only(seen => seen.headers['x-upstream-version'] === version)

test('slow-canary: its answers are slower than those of the stable version', async () => {
  const ratio = (answers: Answers) =>
    of(answers, 'canary-v2').medianMs / of(answers, 'stable').medianMs
  const cpu = (id: string) =>
    shop.number({ service: 'recommendation', id, metric: 'process_cpu_user_seconds_total' })
  const processes = (await shop.processes()).filter(one => one.name === 'recommendation')
  const idOf = (version: string) => processes.find(one => one.version === version)?.id ?? ''
  await shop.until(recommend, 100, answers => expect(ratio(answers)).toBeLessThan(2))
  await shop.setFault('slow-canary', { rounds: 50_000 })
  const [canaryS, stableS] = [await cpu(idOf('canary-v2')), await cpu(idOf('stable'))]
  const during = await shop.until(recommend, 60, answers => {
    expect(ratio(answers)).toBeGreaterThan(3)
  })
  expect(during.share(200)).toBe(1)
  const usedS = (await cpu(idOf('canary-v2'))) - canaryS
  expect(usedS).toBeGreaterThan(2 * ((await cpu(idOf('stable'))) - stableS))
  await shop.clearFault('slow-canary')
  await shop.until(recommend, 100, answers => expect(ratio(answers)).toBeLessThan(2))
})

test('failing-canary: it fails, always for the same products, and the other does not', async () => {
  const failed = (answers: Answers) => answers.all.map(seen => seen.status === 500)
  await shop.setFault('failing-canary', { failRatio: 0.3 })
  const tested = await shop.run({ ...asTester, clients: 1 }, 60)
  expect(tested.shares('x-upstream-version')).toEqual({ 'canary-v2': 1 })
  expect(tested.share(500)).toBeGreaterThan(0.1)
  expect(tested.share(500)).toBeLessThan(0.5)
  const again = await shop.run({ ...asTester, clients: 1 }, 60)
  expect(failed(again)).toEqual(failed(tested))
  const everybody = await shop.run(recommend, 100)
  expect(of(everybody, 'stable').share(200)).toBe(1)
  expect(of(everybody, 'canary-v2').share(500)).toBeGreaterThan(0.05)
  const errors = { http_route: '/recommendations', http_response_status_code: '500' }
  const metric = 'http_server_request_duration_seconds_count'
  const counted = await shop.number({ service: 'recommendation', metric, labels: errors })
  const seen = [tested, again, everybody].map(answers => answers.statuses[500] ?? 0)
  expect(counted).toBe(seen.reduce((sum, count) => sum + count, 0))
  await shop.clearFault('failing-canary')
  expect((await shop.run(asTester, 60)).statuses).toEqual({ 200: 60 })
})

test('wrong-weight: the canary gets more than was meant', async () => {
  const share = async () =>
    (await shop.run(recommend, 300)).shares('x-upstream-version')['canary-v2'] ?? 0
  // With 300 drawn, 0.1 is more than three standard deviations of 0.029.
  expect(Math.abs((await share()) - 0.5)).toBeLessThan(0.1)
  await shop.setFault('wrong-weight', { percent: 90 })
  expect(Math.abs((await share()) - 0.9)).toBeLessThan(0.07)
  const tested = await shop.run(asTester, 20)
  expect(tested.shares('x-upstream-version')).toEqual({ 'canary-v2': 1 })
  await shop.clearFault('wrong-weight')
  expect(Math.abs((await share()) - 0.5)).toBeLessThan(0.1)
})

test('ignored-header: beta testers get the stable version', async () => {
  const versions = async () => (await shop.run(asTester, 40)).shares('x-upstream-version')
  expect(await versions()).toEqual({ 'canary-v2': 1 })
  await shop.setFault('ignored-header', { percent: 0 })
  expect(await versions()).toEqual({ stable: 1 })
  await shop.clearFault('ignored-header')
  expect(await versions()).toEqual({ 'canary-v2': 1 })
})
