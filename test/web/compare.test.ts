import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWeb } from '../../build-web.ts'
import { openBrowser, openPage } from './browser.ts'
import { startFixture } from './fixture-server.ts'
import { comparisonRows, madeComparison } from './made-comparison.ts'
import { madeRun } from './made-run.ts'

let browser: Browser

beforeAll(async () => {
  await buildWeb()
  browser = await openBrowser()
})
afterAll(() => browser.close())

const [base, candidate] = ['base', 'candidate'].map((id, place) =>
  madeRun({ seconds: 60 - place * 20, names: 4, perName: 5, id, slowness: 1 + place / 2 }),
) as [ReturnType<typeof madeRun>, ReturnType<typeof madeRun>]

const sides = { base: base.page.item, candidate: candidate.page.item }
const comparisonPage = madeComparison(sides, ['GET /api/<b>cart</b>'])

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
      ...comparisonRows.all,
      'GET /api/<b>cart</b>',
      ...comparisonRows.name,
    ])
    await page.getByText('p95 of all requests is 50 % slower').waitFor()
    await page.getByText('Runs of the same thing differ').waitFor()
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
