import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { pagesOfTests } from './browser.ts'
import { madeRun, nameOf, type MadeRun } from './made-run.ts'

const { dashboard } = pagesOfTests()

const run = (fields: Partial<Parameters<typeof madeRun>[0]> = {}) =>
  madeRun({ seconds: 20, names: 4, perName: 10, id: 'one', ...fields })

const withPage = (made: MadeRun, change: Partial<MadeRun['page']>): MadeRun => ({
  ...made,
  page: { ...made.page, ...change },
})

const boxesOf = async (page: Page, selector: string) =>
  Promise.all((await page.locator(selector).all()).map(async one => (await one.boundingBox())!))

describe('a run that is not as most are', () => {
  test('that has just begun is neither invalid nor broken', async () => {
    const reasons = ['Nothing was measured: no exchange ended.']
    const made = run({ state: 'running' })
    const begun = withPage(made, {
      validity: { ...made.page.validity, valid: false, reasons },
      thresholds: made.page.thresholds.map(one => ({ ...one, ok: false, measured: undefined })),
    })
    const { page, fixture, faults } = await dashboard([begun], { hash: '#/runs/one' })
    await expect.poll(() => page.locator('.thresholds .open').count()).toBe(2)
    expect(await page.getByText('nothing measured yet').count()).toBe(2)
    expect(await page.getByText(reasons[0]!).count()).toBe(0)
    await expect.poll(() => fixture.feeds).toBe(1)
    fixture.measure(begun, 2)
    await page.getByText(reasons[0]!).waitFor()
    expect(await page.getByRole('heading', { name: 'So far these numbers speak' }).count()).toBe(1)
    expect(faults).toEqual([])
  })

  test('that was killed says that it has no end', async () => {
    const { page } = await dashboard([run({ state: 'crashed' })], { hash: '#/runs/one' })
    await page.getByRole('heading', { name: 'This run has no end' }).waitFor()
  })

  test('with many marks of long texts shows each beside the other', async () => {
    const text = 'stage 1: 0 to 500 users for 10 s of the nightly import of a partner catalogue'
    const marks = Array.from({ length: 9 }, (_, place) => ({
      ...({ atUs: place * 2e6, kind: 'stage', text: `${place} ${text}` } as const),
    }))
    const { page } = await dashboard([withPage(run(), { marks })], { hash: '#/runs/one' })
    await page.locator('.mark').nth(8).waitFor()
    const boxes = await boxesOf(page, '.mark')
    for (const [place, box] of boxes.entries()) {
      const next = boxes[place + 1]
      if (next) expect(box.x + box.width).toBeLessThanOrEqual(next.x)
    }
  })

  test('of names from right to left shows how they begin', async () => {
    const made = run({ names: 1 })
    const name = `${'بحث عن المنتجات في المتجر '.repeat(8)}نهاية`
    const options = { viewport: { width: 375, height: 800 } }
    const { page } = await dashboard([withName(made, name)], { hash: '#/runs/one', ...options })
    const shown = page.locator('.its-name', { hasText: 'بحث' })
    await shown.waitFor()
    expect(await page.locator('.its-name:dir(rtl)').count()).toBe(1)
  })
})

/** The same run, all of whose requests have this name. */
function withName(made: MadeRun, name: string): MadeRun {
  const seconds = made.seconds.map(second => ({
    ...second,
    series: second.series.map(one => (one.kind === 'request' ? { ...one, name } : one)),
  }))
  return { ...made, seconds }
}

describe('the details of a name', () => {
  test('are open of one name at a time, also of another kind', async () => {
    const { page, faults } = await dashboard([run()], { hash: '#/runs/one' })
    await page.getByRole('button', { name: nameOf(0) }).click()
    await page.locator('.details canvas').nth(2).waitFor()
    await page.getByRole('button', { name: 'check out' }).click()
    await page.locator('.details canvas').nth(2).waitFor()
    expect(await page.locator('.details').count()).toBe(1)
    expect(await page.locator('#details-title').innerText()).toBe('check out')
    expect(faults).toEqual([])
  })

  test('give the focus back to their row when they are closed', async () => {
    const { page } = await dashboard([run()], { hash: '#/runs/one' })
    const row = page.getByRole('button', { name: nameOf(1) })
    await row.press('Enter')
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('details-title')
    await page.keyboard.press('Escape')
    await page.locator('.details').waitFor({ state: 'detached' })
    expect(await page.locator('.name-button:focus').innerText()).toContain(nameOf(1))
  })
})

describe('what goes wrong', () => {
  test('leads back to the list from a run that does not exist', async () => {
    const { page } = await dashboard([run()], { hash: '#/runs/nobody' })
    await page.getByRole('heading', { name: 'This run cannot be shown' }).waitFor()
    await page.getByRole('link', { name: 'All runs' }).click()
    await page.getByRole('link', { name: 'tests/shopper.ts' }).waitFor()
  })

  test('is said in words when the server is gone, and tried again', async () => {
    const { page } = await dashboard([run()], { hash: '#/' })
    await page.locator('.runs').waitFor()
    await page.route('**/api/**', route => route.abort('connectionrefused'))
    await page.getByRole('link', { name: 'tests/shopper.ts' }).click()
    await page.getByText('The dashboard does not answer').waitFor()
    await page.unroute('**/api/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'Over time' }).waitFor()
  })
})

test('a finger zooms: sideways it selects, and two taps take that back', async () => {
  const options = { viewport: { width: 375, height: 800 }, hasTouch: true, isMobile: true }
  const { page } = await dashboard([run({ seconds: 60 })], { hash: '#/runs/one', ...options })
  await page.getByText('Swipe sideways').waitFor()
  // Charts are made again when a way to fail shows up: until all is read.
  await page.getByText('2,400 requests').waitFor()
  const chart = page.locator('.u-over').first()
  await chart.scrollIntoViewIfNeeded()
  const box = (await chart.boundingBox())!
  const touches = await page.context().newCDPSession(page)
  const y = box.y + box.height / 2
  const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', share: number) => {
    const touchPoints = type === 'touchEnd' ? [] : [{ x: box.x + box.width * share, y }]
    await touches.send('Input.dispatchTouchEvent', { type, touchPoints })
  }
  await touch('touchStart', 0.25)
  for (const share of [0.3, 0.4, 0.5]) await touch('touchMove', share)
  await touch('touchEnd', 0.5)
  const range = page.getByRole('button', { name: /^range 0:1[45]–0:3[01]/ })
  await range.waitFor()
  await chart.dispatchEvent('dblclick')
  await range.waitFor({ state: 'detached' })
})

test('the list of runs has nothing beyond the edge of a phone or a tablet', async () => {
  const tags = { branch: 'a-very-long-branch-name/with-a-ticket-number', empty: '' }
  const script = `tests/${'a-very-long-folder-name/'.repeat(6)}shop.ts`
  const runs = [run({ tags }), run({ id: 'two', failing: 1, script })]
  for (const width of [375, 768]) {
    const options = { viewport: { width, height: 800 } }
    const { page } = await dashboard(runs, { hash: '#/', ...options })
    await page.locator('.runs').waitFor()
    const list = page.getByRole('region', { name: 'List of runs' })
    expect(await list.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0)
    const boxes = await boxesOf(page, '.runs tbody :is(.badge, .number, .quiet, .tag)')
    for (const box of boxes) expect(box.x + box.width).toBeLessThanOrEqual(width)
    const lines = (await boxesOf(page, '.run-link')).map(({ height }) => Math.round(height))
    expect(new Set(lines).size).toBe(1)
  }
})
