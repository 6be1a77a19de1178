import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import axe, { type AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWeb } from '../../build-web.ts'
import { htmlReport } from '../../src/report/index.ts'
import { openBrowser, openPage } from './browser.ts'
import { startFixture } from './fixture-server.ts'
import { madeRun, nameOf, type MadeRunOptions } from './made-run.ts'

let browser: Browser
let template: string

beforeAll(async () => {
  template = readFileSync(join(await buildWeb(), 'report.html'), 'utf8')
  browser = await openBrowser()
})
afterAll(() => browser.close())

const run = (fields: Partial<MadeRunOptions> = {}) =>
  madeRun({ seconds: 30, names: 4, perName: 5, id: 'stored', warmUpSeconds: 5, ...fields })

const live = run({ id: 'live', state: 'running' })

/** Runs of every kind that the list can show, and a comparison of two of them. */
async function dashboard(hash: string, options: Parameters<typeof openPage>[1] = {}) {
  const scripts = ['a.ts', 'tests/b.ts']
  const base = run()
  const runs = [base, run({ id: 'other', state: 'crashed' }), live]
  const server = await startFixture(runs, { canStart: true, scripts })
  server.fixture.comparison = comparisonOf(base.page.item)
  const watched = await openPage(browser, options)
  onTestFinished(async () => {
    await watched.close()
    await server.stop()
  })
  await watched.page.goto(`${server.url}${hash}`)
  return { ...server, ...watched }
}

function comparisonOf(item: unknown) {
  const one = { base: 20_000, candidate: 30_000, tolerance: 0.1, measure: 'p95' }
  const effect = { value: 1.5, low: 1.41, high: 1.6 }
  const measures = ['regressed', 'improved', 'equivalent', 'inconclusive'].map((verdict, place) => {
    const reason = { words: 'less than 20 seconds were measured' }
    return { ...one, verdict, measure: ['p50', 'p95', 'p99', 'errors'][place], effect, reason }
  })
  const use = { steadySeconds: 20, warmUpSeconds: 5, requestsPerSecond: 180, requests: 900 }
  return {
    ...{ base: item, candidate: item, because: 'p95 is 50 % slower', notes: ['Other machines.'] },
    comparison: {
      ...{ verdict: 'regressed', base: [use], candidate: [use], loads: { words: 'same load' } },
      ...{ overall: { name: 'all', measures }, names: [{ name: 'GET /a', measures }] },
      ...{ onlyInBase: ['GET /old'], onlyInCandidate: [] },
    },
  }
}

/** What the page has against WCAG 2.2 A and AA, and against what is good practice besides. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)} })`,
  )
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`),
  )
}

const looks = [
  { colorScheme: 'light', viewport: { width: 375, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
] as const

/** All that can be folded out is. */
async function openEverything(page: Page): Promise<void> {
  await page.locator('.chart-numbers summary').first().click()
  await page.getByRole('button', { name: nameOf(1) }).click()
  await page.locator('.details canvas').nth(2).waitFor()
}

describe.each(looks)('in $colorScheme, $viewport.width px wide, axe finds nothing in', look => {
  test.each([
    ['the list of runs', '#/', '.runs'],
    ['a stored run', '#/runs/stored', '.names-scroll'],
    ['a comparison', '#/compare/stored/other', '.comparison'],
    ['an unknown run', '#/runs/nobody', '.trouble'],
  ])('%s', async (_name, hash, ready) => {
    const { page } = await dashboard(hash, look)
    await page.locator(ready).first().waitFor()
    if (ready === '.names-scroll') await openEverything(page)
    expect(await violationsOf(page)).toEqual([])
  })

  test('a run under way, paused', async () => {
    const { page, fixture } = await dashboard('#/runs/live', look)
    await expect.poll(() => fixture.feeds).toBe(1)
    fixture.measure(live, 12)
    fixture.tell({ event: 'phase', data: { phase: 'running', paused: true } })
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    await page.locator('.plot').first().focus()
    await page.keyboard.press('+')
    expect(await violationsOf(page)).toEqual([])
  })

  test('an HTML report', async () => {
    const { page: runPage, seconds } = run()
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-axe-'))
    const file = join(folder, 'report.html')
    const html = htmlReport({ template, page: runPage, seconds, deflateRaw: deflateRawSync })
    writeFileSync(file, html)
    const watched = await openPage(browser, { ...look, offline: true })
    onTestFinished(async () => {
      await watched.close()
      rmSync(folder, { recursive: true })
    })
    await watched.page.goto(pathToFileURL(file).href)
    await watched.page.locator('.names-scroll').first().waitFor()
    await openEverything(watched.page)
    expect(await violationsOf(watched.page)).toEqual([])
  })
})

/** Presses Tab until what has the focus is this, and sees on the way that every stop shows it. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let stops = 0; stops < 80; stops += 1) {
    await page.keyboard.press('Tab')
    const outline = await page.evaluate<number>(outlineOfFocus)
    expect(outline, `${wanted}, stop ${stops}`).toBeGreaterThanOrEqual(2)
    if ((await page.locator(`${wanted}:focus`).count()) > 0) return
  }
  expect.unreachable(`no ${wanted} in 80 steps`)
}

const outlineOfFocus = `(() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement)
  return outlineStyle === 'none' ? 0 : parseFloat(outlineWidth)
})()`

describe('without a mouse', () => {
  test('a run is started and steered, and its end is told', async () => {
    const { page, fixture } = await dashboard('#/')
    await page.getByRole('combobox', { name: 'Script' }).waitFor()
    await tabTo(page, '[name=script]')
    await page.keyboard.press('ArrowDown')
    await tabTo(page, '[name=duration]')
    await page.keyboard.type('2m')
    await page.keyboard.press('Enter')
    await expect.poll(() => fixture.orders).toEqual([{ script: 'tests/b.ts', duration: '2m' }])
    await page.waitForURL(/#\/runs\/stored$/)

    await page.evaluate(`location.hash = '#/runs/live'`)
    await expect.poll(() => fixture.feeds).toBe(1)
    await tabTo(page, '[aria-label="+10 users"]')
    await page.keyboard.press('Enter')
    await tabTo(page, '.danger')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => fixture.commands)
      .toEqual([
        { kind: 'users', delta: 10 },
        { kind: 'stop', how: 'graceful' },
      ])
    fixture.replace(run({ id: 'live' }))
    fixture.tell({ event: 'ended', data: { id: 'live' } })
    const told = page.locator('[role=status][aria-live=polite]', { hasText: 'thresholds failed' })
    await told.waitFor()
  })

  test('charts are zoomed, tables sorted and names opened', async () => {
    const { page } = await dashboard('#/runs/stored')
    await page.locator('.plot canvas').first().waitFor()
    await tabTo(page, '.plot')
    await page.keyboard.press('+')
    await page.getByRole('button', { name: /^range 0:0\d–0:2\d/ }).waitFor()
    await page.keyboard.press('0')
    await tabTo(page, 'thead .name .sort')
    await page.keyboard.press('Enter')
    await page.locator('th[aria-sort=ascending].name').waitFor()
    await tabTo(page, '.name-button')
    await page.keyboard.press('Enter')
    await page.locator('.details canvas').nth(2).waitFor()
    await tabTo(page, '.samples')
  })
})

test('nothing moves for who asked for that', async () => {
  const { page } = await dashboard('#/runs/live', { reducedMotion: 'reduce' })
  await page.getByRole('toolbar').waitFor()
  expect(await page.evaluate('document.getAnimations().length')).toBe(0)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await expect.poll(() => page.evaluate('document.getAnimations().length')).toBeGreaterThan(0)
})
