import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWeb } from '../../build-web.ts'
import { htmlReport } from '../../src/report/index.ts'
import { openBrowser, openPage } from './browser.ts'
import { madeRun, type MadeRunOptions } from './made-run.ts'

let browser: Browser
let template: string

beforeAll(async () => {
  template = readFileSync(join(await buildWeb(), 'report.html'), 'utf8')
  browser = await openBrowser()
})
afterAll(() => browser.close())

function reportOf(options: MadeRunOptions): string {
  const { page, seconds } = madeRun(options)
  return htmlReport({ template, page, seconds, deflateRaw: deflateRawSync })
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
