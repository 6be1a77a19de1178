import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { pagesOfTests } from './browser.ts'
import { comparisonRows, madeComparison } from './made-comparison.ts'
import { madeRun, type MadeRunOptions } from './made-run.ts'

const { report: opened, ...pages } = pagesOfTests()

function reportOf(options: MadeRunOptions, comparedNames?: readonly string[]): string {
  const run = madeRun(options)
  const { item } = run.page
  const sides = { base: item, candidate: item }
  return pages.reportOf(run, comparedNames && madeComparison(sides, comparedNames))
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

/** What is beyond the right edge of the page, or of a box that nobody can scroll on paper. */
const cutOnPaper = `[...document.querySelectorAll('main, main *')].flatMap(one => {
  const { right } = one.getBoundingClientRect()
  const inside = one.closest('.unseen, svg, canvas, button') === null
  const beyond = Math.max(right - innerWidth, inside ? one.scrollWidth - one.clientWidth : 0)
  const boxed = ['block', 'flex', 'grid', 'table'].includes(getComputedStyle(one).display)
  return boxed && beyond > 1 ? [one.tagName + '.' + one.className + ': ' + beyond] : []
})`

/** Every width that a chart is given from now on. */
const watchDrawnWidths = `{
  window.drawnWidths = []
  const wraps = document.querySelectorAll('.u-wrap')
  const watch = new MutationObserver(changes => {
    for (const { target } of changes) drawnWidths.push(target.style.width)
  })
  for (const wrap of wraps) watch.observe(wrap, { attributeFilter: ['style'] })
}`

/** What A4 leaves between its margins, px. */
const paper = { width: 688, height: 1016 }

describe('on a sheet of A4', () => {
  test.each([0, 20])('nothing is cut, with %i compared names', async compared => {
    const names = Array.from({ length: compared }, (_, i) => `GET /${'long/'.repeat(20)}${i}`)
    const options = { seconds: 10, names: 20, perName: 20, slowness: 3000, failing: 0.4 }
    const html = reportOf({ ...options, model: 'open' }, names.length > 0 ? names : undefined)
    const { page, faults } = await opened(html)
    if (compared > 0) await page.getByLabel('Only what changed').uncheck()
    await page.locator('.name-button').first().click()
    await page.locator('.details canvas').nth(2).waitFor()
    await page.setViewportSize(paper)
    await page.emulateMedia({ media: 'print' })
    await expect.poll(() => page.evaluate(cutOnPaper)).toEqual([])
    expect(faults).toEqual([])
  })

  test('charts that were drawn for a wide screen are drawn for paper, and back', async () => {
    const { page } = await opened(reportOf({ seconds: 10, model: 'open' }))
    const wraps = `[...document.querySelectorAll('.u-wrap')].map(one => one.clientWidth)`
    const onScreen = await page.evaluate<number[]>(wraps)
    expect(Math.max(...onScreen)).toBeGreaterThan(paper.width)
    await page.evaluate(watchDrawnWidths)
    await page.pdf({ format: 'A4', preferCSSPageSize: true })
    expect(await page.evaluate('[...new Set(drawnWidths)]')).toContain('660px')
    await expect.poll(() => page.evaluate(wraps)).toEqual(onScreen)
    // Still too wide for its column: smaller, not cut.
    await page.emulateMedia({ media: 'print' })
    await page.addStyleTag({ content: '.u-wrap { width: 2000px !important }' })
    expect(await page.evaluate(cutOnPaper)).toEqual([])
  })

  test('a head of a table is repeated, and neither a row nor a chart is cut in two', async () => {
    const { page } = await opened(reportOf({ seconds: 5 }, ['GET /']))
    await page.emulateMedia({ media: 'print' })
    const styleOf = (selector: string, name: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${name}`)
    for (const whole of ['.chart', '.names-table tr', '.comparison tbody']) {
      expect(await styleOf(whole, 'breakInside')).toBe('avoid')
    }
    // The text of a button is missing where a head is repeated.
    expect(await styleOf('.names-table thead .sort', 'display')).toBe('contents')
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
