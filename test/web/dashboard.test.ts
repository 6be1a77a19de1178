import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { pagesOfTests } from './browser.ts'
import { madeRun, nameOf } from './made-run.ts'

const { dashboard } = pagesOfTests()

const names = 8
const perName = 10
const perSecond = names * perName
const stored = (fields: Partial<Parameters<typeof madeRun>[0]> = {}) =>
  madeRun({ seconds: 60, names, perName, id: 'stored', ...fields })

const card = (page: Page, label: string) =>
  page.locator('.figure', { has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) })

const requestsNote = (page: Page, count: string) =>
  card(page, 'Requests/s').getByText(`${count} requests`).waitFor()

async function dragOverFirstChart(page: Page, from: number, to: number): Promise<void> {
  const box = (await page.locator('.u-over').first().boundingBox())!
  await page.mouse.move(box.x + box.width * from, box.y + 40)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * to, box.y + 60, { steps: 5 })
  await page.mouse.up()
}

describe('the list of runs', () => {
  const runs = () => [
    stored(),
    stored({ id: 'second', script: 'tests/checkout.ts', failing: 0, tags: { branch: 'faster' } }),
    stored({ id: 'third', script: 'tests/search.ts', state: 'aborted' }),
  ]

  test('finds runs by tag, script and verdict', async () => {
    const { page, faults } = await dashboard(runs())
    const rows = page.locator('.runs tbody tr')
    await rows.nth(2).waitFor()
    await page.getByRole('searchbox').fill('branch=faster')
    await expect.poll(() => rows.count()).toBe(1)
    expect(await rows.innerText()).toContain('tests/checkout.ts')
    await page.getByRole('searchbox').fill('nothing like it')
    await page.getByText('No run matches').waitFor()
    expect(faults).toEqual([])
  })

  test('deletes a run only after it was confirmed', async () => {
    const { page, fixture } = await dashboard(runs())
    const remove = page.getByRole('button', { name: 'Delete the run of tests/search.ts' })
    page.once('dialog', dialog => void dialog.dismiss())
    await remove.click()
    expect(fixture.deleted).toEqual([])
    page.once('dialog', dialog => void dialog.accept())
    await remove.click()
    await expect.poll(() => fixture.deleted).toEqual(['third'])
    await expect.poll(() => page.locator('.runs tbody tr').count()).toBe(2)
  })

  test('leads two chosen runs to their comparison, the older one as the base', async () => {
    const { page } = await dashboard([
      stored({ startedAtUnixMs: 1_795_000_000_000 }),
      stored({ id: 'older', startedAtUnixMs: 1_794_000_000_000 }),
    ])
    for (const place of [0, 1]) await page.locator('.runs input').nth(place).check()
    const link = page.getByRole('link', { name: 'Compare the two' })
    expect(await link.getAttribute('href')).toBe('#/compare/older/stored')
  })

  test('starts a run with what the form says, and nothing that it leaves open', async () => {
    const info = { canStart: true, scripts: ['a.ts', 'tests/b.ts'] }
    const { page, fixture } = await dashboard(runs(), { info })
    await page.getByRole('combobox', { name: 'Script' }).selectOption('tests/b.ts')
    await page.getByRole('combobox', { name: 'Load by' }).selectOption('rate')
    await page.getByRole('textbox', { name: 'Arrival rate' }).fill('50/s')
    await page.getByLabel('Duration').fill('2m')
    await page.getByRole('button', { name: 'Start' }).click()
    await page.waitForURL(/#\/runs\/stored$/)
    expect(fixture.orders).toEqual([{ script: 'tests/b.ts', rate: '50/s', duration: '2m' }])
  })

  test('of nothing says how to begin', async () => {
    const { page, faults } = await dashboard([])
    await page.getByText('No run yet.').waitFor()
    expect(faults).toEqual([])
  })
})

describe('a stored run', () => {
  test('shows all its requests, its verdict and its thresholds', async () => {
    const { page, faults } = await dashboard([stored()], { hash: '#/runs/stored' })
    await requestsNote(page, '4,800')
    await page.getByRole('status').getByText('thresholds failed').waitFor()
    expect(await page.locator('.thresholds li').count()).toBe(2)
    expect(await page.locator('.names-table').first().locator('tbody tr').count()).toBe(names)
    expect(await page.locator('.run-head').innerText()).toContain('closed model')
    expect(faults).toEqual([])
  })

  test('computes every number again for the range that was drawn, and takes it back', async () => {
    const { page } = await dashboard([stored()], { hash: '#/runs/stored' })
    await requestsNote(page, '4,800')
    await dragOverFirstChart(page, 0.25, 0.5)
    const chip = page.getByRole('button', { name: /^range/ })
    const [, from, to] = /0:(\d+)–0:(\d+)/.exec(await chip.innerText())!
    const seconds = Number(to) - Number(from)
    expect(seconds).toBeGreaterThanOrEqual(15)
    expect(seconds).toBeLessThanOrEqual(17)
    await requestsNote(page, (seconds * perSecond).toLocaleString('en'))
    const first = page.locator('.names-table tbody tr').first()
    await expect.poll(() => first.locator('td').first().innerText()).toBe(String(seconds * perName))
    await chip.click()
    await requestsNote(page, '4,800')
  })

  test('is zoomed and moved by keyboard', async () => {
    const { page } = await dashboard([stored()], { hash: '#/runs/stored' })
    await page.locator('.plot canvas').first().waitFor()
    await page.locator('.plot').first().focus()
    const range = page.getByRole('button', { name: /^range/ })
    await page.keyboard.press('+')
    expect(await range.innerText()).toContain('0:15–0:45')
    await page.keyboard.press('ArrowRight')
    expect(await range.innerText()).toContain('0:21–0:51')
    await page.keyboard.press('Escape')
    await range.waitFor({ state: 'detached' })
  })

  test('is sorted and searched, and a row opens its details', async () => {
    const { page, faults } = await dashboard([stored()], { hash: '#/runs/stored' })
    const table = page.locator('.names-table').first()
    await table.getByRole('button', { name: 'Name' }).click()
    expect(await table.locator('th[aria-sort=ascending]').innerText()).toContain('Name')
    await page.getByLabel('Search requests').fill('cart get')
    const rows = table.locator('tbody tr')
    await expect.poll(() => rows.count()).toBe(2)
    await rows.first().click()
    const details = page.locator('.details')
    await details.locator('canvas').nth(2).waitFor()
    for (const heading of ['Statuses', 'Failures by reason', 'Checks', 'Kept samples']) {
      await details.getByRole('heading', { name: heading }).waitFor()
    }
    await page.keyboard.press('Escape')
    await details.waitFor({ state: 'detached' })
    expect(faults).toEqual([])
  })

  test('never runs what a target said', async () => {
    const reason = '</script><script>window.harmed=1</script><img src=x onerror="harmed=1">'
    const run = stored({ failing: 1, reason, script: `${reason}.ts` })
    const { page, faults } = await dashboard([run], { hash: '#/runs/stored' })
    await page.locator('.names-table tbody tr').first().click()
    await page.locator('.details .reason', { hasText: '<script>' }).first().waitFor()
    expect(await page.evaluate(`'harmed' in window`)).toBe(false)
    expect(faults).toEqual([])
  })

  test('with 500 names makes only the rows that are seen', async () => {
    const run = stored({ seconds: 3, names: 500, perName: 2 })
    const { page, faults } = await dashboard([run], { hash: '#/runs/stored' })
    await page.getByText('500 names').waitFor()
    const rows = page.locator('.names-table').first().locator('tbody tr:not(.spacer)')
    expect(await rows.count()).toBeLessThan(60)
    await page.getByLabel('Search requests').fill(nameOf(477))
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByLabel('Search requests').fill('')
    await expect.poll(() => rows.count()).toBeGreaterThan(10)
    await page.evaluate(`document.querySelector('.names-scroll').scrollTo(0, 1e6)`)
    await expect.poll(async () => rows.last().getAttribute('aria-rowindex')).toBe('501')
    expect(faults).toEqual([])
  })

  test('that is unknown is said in words', async () => {
    const { page } = await dashboard([], { hash: '#/runs/nobody' })
    expect(await page.getByRole('alert').innerText()).toContain('there is no run nobody')
  })
})

describe.each([360, 1600])('on a page %i px wide', width => {
  test.each(['light', 'dark'] as const)('nothing sticks out or complains in %s', async scheme => {
    const runs = [
      stored({ script: `tests/${'very-long-'.repeat(12)}name.ts` }),
      stored({ id: 'one', seconds: 1, failing: 1 }),
      stored({ id: 'none', seconds: 2, names: 0 }),
    ]
    const options = { colorScheme: scheme, viewport: { width, height: 900 } }
    const { page, faults } = await dashboard(runs, options)
    for (const hash of ['#/', '#/runs/stored', '#/runs/one', '#/runs/none']) {
      await page.evaluate(`location.hash = '${hash}'`)
      await page
        .locator(hash === '#/' ? '.runs' : '.names-scroll')
        .first()
        .waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      const ground = await page.evaluate('getComputedStyle(document.documentElement).color')
      expect(ground).toBe(scheme === 'dark' ? 'rgb(232, 233, 238)' : 'rgb(25, 27, 34)')
    }
    expect(faults).toEqual([])
  })
})
