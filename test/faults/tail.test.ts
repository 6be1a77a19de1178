import { expect, test, vi } from 'vitest'
import { patience, type Load, useShop } from '../shop-faults.ts'

const shop = useShop()

/** Single products, each request with an id of its own. */
const views = (clients: number): Load => ({
  clients,
  ask: n => ({ line: 'GET /api/v1/products/sku-1001', headers: { 'x-request-id': `view-${n}` } }),
})

const longestPauseS = () =>
  shop.number({
    ...{ service: 'catalog', metric: 'nodejs_eventloop_delay_max_seconds' },
  })

test('pauses hold up all requests of a moment, the others stay fast', async () => {
  const pauseMs = 400
  await shop.healthy(views(4), 50)

  await shop.setFault('pauses', { service: 'catalog', everyMs: 800, pauseMs })
  const paused = await shop.until(views(4), 200, answers => {
    expect(answers.quantileMs(1)).toBeGreaterThan(0.8 * pauseMs)
    expect(answers.medianMs).toBeLessThan(answers.quantileMs(1) / 10)
  })
  expect(paused.share(200)).toBe(1)
  expect(await longestPauseS()).toBeGreaterThan((0.8 * pauseMs) / 1_000)

  await shop.clearFault('pauses')
  await shop.until(views(4), 200, async answers => {
    expect(answers.quantileMs(1)).toBeLessThan(0.8 * pauseMs)
    expect(await longestPauseS()).toBeLessThan((0.8 * pauseMs) / 1_000)
  })
})

test('what is kept makes collections long, and the slowest requests slow', async () => {
  const collectedS = () =>
    shop.number({
      ...{ service: 'catalog', metric: 'v8js_gc_duration_seconds_sum' },
      labels: { v8js_gc_type: 'major' },
    })
  /** Share of the time that goes into full collections, over several of the fault's collections. */
  const collectingShare = async () => {
    const fromMs = performance.now()
    const fromS = await collectedS()
    const elapsedS = () => (performance.now() - fromMs) / 1000
    while (elapsedS() < 1.5) expect((await shop.run(views(4), 50)).share(200)).toBe(1)
    return ((await collectedS()) - fromS) / elapsedS()
  }
  const before = await shop.healthy(views(4), 100)
  const healthyShare = await collectingShare()

  await shop.setFault('gc-pressure', { service: 'catalog', everyMs: 500, keptMb: 300 })
  const slow = await shop.until(views(4), 300, answers => {
    expect(answers.quantileMs(1)).toBeGreaterThan(5 * before.quantileMs(0.9))
    // It is pauses, not work: between them requests are as fast as ever.
    expect(answers.medianMs).toBeLessThan(2 * before.medianMs)
  })
  const burdenedShare = await collectingShare()
  expect(burdenedShare).toBeGreaterThan(10 * healthyShare)

  await shop.clearFault('gc-pressure')
  await shop.until(views(4), 300, answers => {
    expect(answers.quantileMs(1)).toBeLessThan(slow.quantileMs(1) / 1.4)
  })
  const between = (healthyShare + burdenedShare) / 2
  await vi.waitFor(async () => expect(await collectingShare()).toBeLessThan(between), patience)
})

test('a slow path takes a share of requests, always the same ones', async () => {
  const ask = (n: number) => ({
    line: 'GET /api/v1/products/sku-1001',
    headers: { 'x-request-id': `r${n}` },
  })
  const inOrder: Load = { clients: 1, ask }
  const queriedS = () =>
    shop.number({ service: 'catalog', metric: 'db_client_operation_duration_seconds_sum' })
  const medianBefore = (await shop.healthy(inOrder, 30)).medianMs
  const startS = await queriedS()
  await shop.run(inOrder, 60)
  const healthyS = (await queriedS()) - startS

  await shop.setFault('slow-path', { share: 0.1, comparedGoods: 50 })
  const setS = await queriedS()
  const slowOnes = async (): Promise<number[]> => {
    const answers = await shop.run(inOrder, 60)
    expect(answers.statuses).toEqual({ 200: 60 })
    const slowest = answers.quantileMs(1)
    expect(slowest).toBeGreaterThan(10 * medianBefore)
    return answers.all.flatMap(({ ms }, n) => (ms > slowest / 2 ? [n] : []))
  }
  const slow = await slowOnes()
  expect((await queriedS()) - setS).toBeGreaterThan(3 * healthyS)
  expect(slow.length).toBeGreaterThan(0)
  expect(slow.length).toBeLessThan(20)
  const again = await shop.run({ clients: 1, ask: n => ask(slow[n % slow.length] ?? 0) }, 10)
  expect(again.medianMs).toBeGreaterThan(10 * medianBefore)

  await shop.clearFault('slow-path')
  await shop.until({ clients: 1, ask: n => ask(slow[n % slow.length] ?? 0) }, 10, answers => {
    expect(answers.medianMs).toBeLessThan(5 * medianBefore)
  })
})
