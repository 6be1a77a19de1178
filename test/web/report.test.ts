import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWeb } from '../../build-web.ts'
import { htmlReport } from '../../src/report/index.ts'
import { openBrowser, openPage } from './browser.ts'
import { comparisonRows, madeComparison } from './made-comparison.ts'
import { madeRun, type MadeRunOptions } from './made-run.ts'

let browser: Browser
let template: string

beforeAll(async () => {
  template = readFileSync(join(await buildWeb(), 'report.html'), 'utf8')
  browser = await openBrowser()
})
afterAll(() => browser.close())

function reportOf(options: MadeRunOptions, comparedNames?: readonly string[]): string {
  const { page, seconds } = madeRun(options)
  const sides = { base: page.item, candidate: page.item }
  const comparison = comparedNames && madeComparison(sides, comparedNames)
  return htmlReport({ template, page, comparison, seconds, deflateRaw: deflateRawSync })
}

/** The report as a file on the disk, opened by a browser that has no network. */
async function opened(html: string, options: Parameters<typeof openPage>[1] = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-report-'))
  const file = join(folder, 'report.html')
  writeFileSync(file, html)
  const watched = await openPage(browser, { ...options, offline: true })
  onTestFinished(async () => {
    await watched.close()
    rmSync(folder, { recursive: true })
  })
  await watched.page.goto(pathToFileURL(file).href)
  await watched.page.locator('.names-scroll').first().waitFor()
  return watched
}

describe('the HTML report', () => {
  test.each(['light', 'dark'] as const)('opens from a file, offline, in %s', async colorScheme => {
    const { page, faults } = await opened(reportOf({ seconds: 30 }), { colorScheme })
    await page.getByText('7,200 requests').waitFor()
    expect(await page.locator('.plot canvas').count()).toBe(6)
    expect(await page.getByRole('toolbar').count()).toBe(0)
    expect(await page.title()).toBe('tests/shopper.ts · Loadstone')
    expect(faults).toEqual([])
  })

  test("of ten minutes with 20 names is below 1 MB, its figures are the run's", async () => {
    const html = reportOf({ seconds: 600, names: 20, perName: 25 })
    expect(Buffer.byteLength(html)).toBeLessThan(1_000_000)
    const { page, faults } = await opened(html)
    await page.getByText('300k requests').waitFor()
    const counts = page.locator('.names-table').first().locator('tbody td:nth-child(2)')
    expect(new Set(await counts.allInnerTexts())).toEqual(new Set(['15,000']))
    await page.getByText('To keep this file small').waitFor()
    expect(faults).toEqual([])
  })

  test('never runs what a target said', async () => {
    const reason = '</script><script>window.harmed=1</script><img src=x onerror="harmed=1">'
    const html = reportOf({ seconds: 5, failing: 1, reason, script: `${reason}.ts` })
    const { page, faults } = await opened(html)
    await page.locator('.names-table tbody tr').first().click()
    await page.locator('.details .reason', { hasText: '<script>' }).first().waitFor()
    expect(await page.evaluate(`'harmed' in window`)).toBe(false)
    expect(faults).toEqual([])
  })

  test('prints light and with every name', async () => {
    const html = reportOf({ seconds: 3, names: 120, perName: 1 })
    const { page, faults } = await opened(html, { colorScheme: 'dark' })
    const rows = page.locator('.names-table').first().locator('tbody tr:not(.spacer)')
    expect(await rows.count()).toBeLessThan(60)
    await page.emulateMedia({ media: 'print' })
    await expect.poll(() => rows.count()).toBe(120)
    expect(await page.evaluate(`document.documentElement.dataset.theme`)).toBe('light')
    expect(await page.getByRole('searchbox').count()).toBe(0)
    expect(faults).toEqual([])
  })
})

describe('the HTML report of a run with a baseline', () => {
  const hostile = 'GET /</script><img src=x onerror="window.harmed=1">'
  const rowsOf = async (page: Page) =>
    (await page.locator('.comparison tbody tr').allInnerTexts()).map(row =>
      row.replace(/\s+/g, ' ').trim(),
    )

  test.each([
    [360, 'dark'],
    [1280, 'light'],
  ] as const)('shows the verdicts in words, %i px wide, %s', async (width, colorScheme) => {
    const html = reportOf({ seconds: 5 }, [hostile])
    const viewport = { width, height: 900 }
    const { page, faults } = await opened(html, { colorScheme, viewport })
    const section = page.getByRole('region', { name: 'Compared with the baseline' })
    const text = (await section.innerText()).replace(/\s+/g, ' ')
    expect(text).toContain('✕ regressed p95 of all requests is 50 % slower same load: 180')
    expect(text).toContain('Only in the base: GET /api/old.')
    expect(await rowsOf(page)).toEqual([...comparisonRows.all, hostile, ...comparisonRows.name])
    // The file has no other runs to go to.
    expect(await page.locator('main a').count()).toBe(0)
    expect(await page.evaluate(`'harmed' in window`)).toBe(false)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(faults).toEqual([])
  })

  test('of many names shows what changed, the rest when asked, and prints that', async () => {
    const names = Array.from({ length: 150 }, (_, place) => `GET /${place}`)
    const { page, faults } = await opened(reportOf({ seconds: 5 }, names))
    expect(await rowsOf(page)).toEqual(comparisonRows.all)
    await page.getByText('150 of 150 names did not change and are not shown.').waitFor()
    await page.getByLabel('Only what changed').uncheck()
    await expect.poll(() => page.locator('.comparison tbody').count()).toBe(101)
    await page.emulateMedia({ media: 'print' })
    await expect.poll(() => page.locator('.comparison tbody').count()).toBe(151)
    expect(await page.getByLabel('Only what changed').isVisible()).toBe(false)
    expect(faults).toEqual([])
  })

  test('of ten minutes and 20 names stays below 1 MB', () => {
    const names = Array.from({ length: 20 }, (_, place) => `GET /${place}`)
    const html = reportOf({ seconds: 600, names: 20, perName: 25 }, names)
    expect(Buffer.byteLength(html)).toBeLessThan(1_000_000)
  })

  test('has no such section without one', async () => {
    const { page } = await opened(reportOf({ seconds: 5 }))
    expect(await page.locator('.comparison, .compared').count()).toBe(0)
  })
})
