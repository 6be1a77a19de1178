import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { Verdict } from '../../src/statistics/index.ts'
import { pagesOfTests, type Place } from './browser.ts'
import { madeComparison } from './made-comparison.ts'
import { madeRun, nameOf, type MadeRunOptions } from './made-run.ts'

const pages = pagesOfTests()

const run = (fields: Partial<MadeRunOptions> = {}) =>
  madeRun({ seconds: 30, names: 4, perName: 5, id: 'stored', warmUpSeconds: 5, ...fields })

const live = run({ id: 'live', state: 'running' })

const killed = run({ id: 'killed', state: 'crashed' })

/** Runs of every kind that the list can show, and a comparison of two of them. */
const dashboard = (hash: string, place: Place = {}) =>
  pages.dashboard([run(), killed, live], {
    ...{ hash, info: { canStart: true, scripts: ['a.ts', 'tests/b.ts'] } },
    comparison: comparisonOfAllVerdicts(),
    ...place,
  })

function comparisonOfAllVerdicts() {
  const made = madeComparison({ base: run().page.item, candidate: killed.page.item }, ['GET /a'])
  const [measure] = made.comparison.overall.measures
  const verdicts: Verdict[] = ['regressed', 'improved', 'equivalent', 'inconclusive']
  const measures = verdicts.map(verdict => ({ ...measure!, verdict }))
  const overall = { ...made.comparison.overall, measures }
  return { ...made, comparison: { ...made.comparison, overall } }
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

/** The same in every look, each with what it was found in. */
async function violationsInAllLooks(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const width of [375, 1280]) {
    await page.setViewportSize({ width, height: 900 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const themed = () => page.evaluate('document.documentElement.dataset.theme')
      await expect.poll(themed).toBe(colorScheme)
      const violations = await violationsOf(page)
      found.push(...violations.map(one => `${colorScheme}, ${width} px: ${one}`))
    }
  }
  return found
}

/** All that can be folded out is. */
async function openEverything(page: Page): Promise<void> {
  await page.locator('.chart-numbers summary').first().click()
  await page.getByRole('button', { name: nameOf(1) }).click()
  await page.locator('.details canvas').nth(2).waitFor()
}

describe('light and dark, on a phone and on a desk, axe finds nothing in', () => {
  test.each([
    ['the list of runs', '#/', '.runs'],
    ['a stored run', '#/runs/stored', '.names-scroll'],
    ['a run that was killed', '#/runs/killed', '.names-scroll'],
    ['a comparison', '#/compare/stored/killed', '.comparison'],
    ['an unknown run', '#/runs/nobody', '.trouble'],
  ])('%s', async (_name, hash, ready) => {
    const { page } = await dashboard(hash)
    await page.locator(ready).first().waitFor()
    if (ready === '.names-scroll') await openEverything(page)
    expect(await violationsInAllLooks(page)).toEqual([])
  })

  test('a list without runs', async () => {
    const { page } = await pages.dashboard([])
    await page.getByText('No run yet.').waitFor()
    expect(await violationsInAllLooks(page)).toEqual([])
  })

  test('a run under way, paused', async () => {
    const { page, fixture } = await dashboard('#/runs/live')
    await expect.poll(() => fixture.feeds).toBe(1)
    fixture.measure(live, 12)
    fixture.tell({ event: 'phase', data: { phase: 'running', paused: true } })
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    await page.locator('.plot').first().focus()
    await page.keyboard.press('+')
    expect(await violationsInAllLooks(page)).toEqual([])
  })

  test('an HTML report with a comparison', async () => {
    const { page } = await pages.report(pages.reportOf(run(), comparisonOfAllVerdicts()))
    await openEverything(page)
    expect(await violationsInAllLooks(page)).toEqual([])
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
    await page.getByRole('toolbar').waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.id')).toBe('verdict')
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
