import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWeb } from '../../build-web.ts'
import type { ComparisonPage } from '../../src/server/api.ts'
import type { MeasureComparison, NameComparison, RunUse } from '../../src/statistics/index.ts'
import { defaultSettings } from '../../src/statistics/index.ts'
import { openBrowser, openPage } from './browser.ts'
import { startFixture } from './fixture-server.ts'
import { madeRun } from './made-run.ts'

let browser: Browser

beforeAll(async () => {
  await buildWeb()
  browser = await openBrowser()
})
afterAll(() => browser.close())

const use: RunUse = {
  warmUpSeconds: 5,
  steadySeconds: 55,
  steadiness: undefined as unknown as RunUse['steadiness'],
  requests: 9900,
  requestsPerSecond: 180,
}

const measured = (fields: Partial<MeasureComparison>): MeasureComparison => ({
  ...{ measure: 'p95', base: 20_000, candidate: 30_000, tolerance: 0.1 },
  effect: { value: 1.5, low: 1.41, high: 1.6 },
  ...{ p: 0.001, q: 0.002, equivalenceP: 0.9, equivalenceQ: 0.9 },
  ...{ verdict: 'regressed', reason: undefined, note: undefined },
  stretches: { seconds: 5, base: 11, candidate: 11 },
  ...fields,
})

const regressed: NameComparison = { name: 'all', measures: [measured({})], shift: [] }
const same: NameComparison = {
  name: 'GET /api/<b>cart</b>',
  measures: [
    measured({ effect: { value: 1.01, low: 0.97, high: 1.05 }, verdict: 'equivalent' }),
    measured({
      measure: 'errors',
      ...{ base: 0.01, candidate: 0.02, effect: undefined, verdict: 'inconclusive' },
      reason: { code: 'too short', words: 'less than 20 seconds were measured' },
    }),
  ],
  shift: [],
}

const [base, candidate] = ['base', 'candidate'].map((id, place) =>
  madeRun({ seconds: 60 - place * 20, names: 4, perName: 5, id, slowness: 1 + place / 2 }),
) as [ReturnType<typeof madeRun>, ReturnType<typeof madeRun>]

const comparisonPage: ComparisonPage = {
  base: base.page.item,
  candidate: candidate.page.item,
  because: 'p95 of all requests is 50 % slower',
  notes: ['Runs of this script differ by 3 % from one to the next.'],
  comparison: {
    verdict: 'regressed',
    base: [use],
    candidate: [use],
    loads: { matched: true, ratio: 1, words: 'same load: 180 and 180 requests/s' },
    overall: regressed,
    names: [same],
    onlyInBase: ['GET /api/old'],
    onlyInCandidate: [],
    tests: 3,
    settings: defaultSettings,
  },
}

async function comparing(width: number) {
  const server = await startFixture([base, candidate])
  server.fixture.comparison = comparisonPage
  const watched = await openPage(browser, { viewport: { width, height: 900 } })
  onTestFinished(async () => {
    await watched.close()
    await server.stop()
  })
  await watched.page.goto(`${server.url}#/compare/base/candidate`)
  await watched.page.locator('.plot canvas').nth(5).waitFor()
  return watched
}

describe('two runs laid over each other', () => {
  test.each([360, 1280])('show the verdicts in words, %i px wide', async width => {
    const { page, faults } = await comparing(width)
    expect(await page.getByRole('status').first().innerText()).toMatch(/regressed/)
    const rows = await page.locator('.comparison tbody tr').allInnerTexts()
    expect(rows.map(row => row.replace(/\s+/g, ' ').trim())).toEqual([
      'All requests p95 20.0 ms 30.0 ms +50 % +41 to +60 % ✕ regressed',
      'GET /api/<b>cart</b> p95 20.0 ms 30.0 ms +1 % -3 to +5 % = equivalent',
      'failed 1.0 % 2.0 % ? inconclusive less than 20 seconds were measured',
    ])
    await page.getByText('p95 of all requests is 50 % slower').waitFor()
    await page.getByText('Runs of this script differ').waitFor()
    await page.getByText('Only in the base: GET /api/old').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(faults).toEqual([])
  })

  test('can be changed round', async () => {
    const { page } = await comparing(1280)
    await page.getByRole('link', { name: 'Swap base and candidate' }).click()
    await page.waitForURL(/#\/compare\/candidate\/base$/)
  })

  test('can show only what changed', async () => {
    const { page } = await comparing(1280)
    await page.getByLabel('Only what changed').check()
    await expect.poll(() => page.locator('.comparison tbody').count()).toBe(1)
  })
})
