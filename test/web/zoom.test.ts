import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWeb } from '../../build-web.ts'
import { Histogram } from '../../src/metrics/index.ts'
import { shownShort, shownUs } from '../../web/data/shown.ts'
import { openBrowser, openPage } from './browser.ts'
import { startFixture } from './fixture-server.ts'
import { madeRun, nameOf, type MadeRun } from './made-run.ts'

let browser: Browser
let long: MadeRun

const [names, perName] = [3, 4]
const perSecond = names * perName
const seconds = 3600

beforeAll(async () => {
  await buildWeb()
  browser = await openBrowser()
  // Marks at a quarter and at half of it, warm-up no multiple of the 10 s of a point.
  long = madeRun({ seconds, names, perName, id: 'long', warmUpSeconds: 13 })
}, 120_000)
afterAll(() => browser.close())

/** The page of a run, and the seconds that it asked for: 'from-to/span'. */
async function opened(run: MadeRun, measured = 0) {
  const server = await startFixture([run])
  if (measured > 0) server.fixture.measure(run, measured, false)
  const watched = await openPage(browser)
  const { page } = watched
  onTestFinished(async () => {
    await watched.close()
    await server.stop()
  })
  const asked: string[] = []
  page.on('request', request => {
    const { pathname, searchParams } = new URL(request.url())
    const [from, to, span] = ['from', 'to', 'span'].map(name => searchParams.get(name))
    if (pathname.endsWith('/seconds')) asked.push(`${from}-${to}/${span}`)
  })
  await page.goto(`${server.url}#/runs/${run.page.item.id}`)
  return { ...server, page, asked }
}

const requestsNote = (page: Page, count: number) =>
  page
    .locator('.figure', { has: page.locator('dt', { hasText: /^Requests\/s$/ }) })
    .getByText(`${shownShort(count)} requests`, { exact: true })
    .waitFor()

const figure = (page: Page, label: string) =>
  page.locator('.figure', { has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) })

/** Shows 15 s before and after a mark. */
const showAround = (page: Page, mark: string) =>
  page.getByRole('list', { name: 'What happened when' }).getByText(mark).click()

/** Moments of the numbers behind a chart, at most 40; of the last chart with this title. */
function moments(page: Page, title: string) {
  const heading = page.getByRole('heading', { name: title, exact: true })
  const details = page.locator('figure.chart', { has: heading }).last().locator('details')
  return expect.poll(async () => {
    if ((await details.getAttribute('open')) === null) await details.locator('summary').click()
    return details.locator('tbody th').count()
  })
}

/** p99 of all requests of [from, to), as the page writes it. */
function p99Of(run: MadeRun, from: number, to: number): string {
  const all = new Histogram()
  for (const { series } of run.seconds.slice(from, to)) {
    for (const one of series) if (one.kind === 'request') all.mergeEncoded(one.latency)
  }
  return shownUs(all.percentileUs(99))
}

describe('a run of an hour', () => {
  test('is shown in points of 10 s, and counts all but the warm-up to the second', async () => {
    const { page, asked } = await opened(long)
    await requestsNote(page, (seconds - 13) * perSecond)
    expect(asked).toEqual(['0-13/10', `13-${2 ** 31 - 1}/10`])
    expect(await figure(page, 'p99').innerText()).toContain(p99Of(long, 13, seconds))
  })

  test('shows a range as merged until its seconds came, then exactly', async () => {
    const { page } = await opened(long)
    await requestsNote(page, (seconds - 13) * perSecond)
    let goOn: () => void = () => {}
    const held = new Promise<void>(resolve => (goOn = resolve))
    await page.route('**/seconds?*', async route => {
      await held
      await route.continue()
    })
    // From 1785 to 1815; the points that it touches go from 1780 to 1820.
    await showAround(page, '+10 users by hand')
    await page.getByText('reading finer seconds').waitFor()
    await requestsNote(page, 40 * perSecond)
    // Those whose middle lies in the range.
    await moments(page, 'Latency').toBe(3)
    goOn()
    await requestsNote(page, 30 * perSecond)
    await expect.poll(() => page.getByText('reading finer seconds').count()).toBe(0)
    expect(await figure(page, 'p99').innerText()).toContain(p99Of(long, 1785, 1815))
    for (const title of ['Latency', 'Latency heatmap', 'Requests per second']) {
      await moments(page, title).toBe(30)
    }
    // The table of names is of the same seconds.
    const row = page.getByRole('row', { name: nameOf(0) })
    expect(await row.innerText()).toContain(`\t${30 * perName}\t`)
  })

  test("shows a name's own charts as finely", async () => {
    const { page } = await opened(long)
    await requestsNote(page, (seconds - 13) * perSecond)
    await page.getByRole('button', { name: nameOf(0) }).click()
    await page.getByRole('heading', { name: nameOf(0) }).waitFor()
    await showAround(page, '+10 users by hand')
    await moments(page, 'Latency').toBe(30)
    await page.getByRole('button', { name: /^range/ }).click()
    await moments(page, 'Latency').toBeGreaterThan(30)
  })

  test('takes back what it asked when the range changes, and asks for nothing twice', async () => {
    const { page, asked } = await opened(long)
    await requestsNote(page, (seconds - 13) * perSecond)
    asked.splice(0)
    const aborted: string[] = []
    page.on('requestfailed', request => aborted.push(request.failure()?.errorText ?? ''))
    // Never answered.
    await page.route('**/seconds?from=885&*', () => undefined)
    await showAround(page, 'stage 2')
    await expect.poll(() => asked).toEqual(['885-915/1'])
    await showAround(page, '+10 users by hand')
    await requestsNote(page, 30 * perSecond)
    expect(asked).toEqual(['885-915/1', '1785-1815/1'])
    expect(aborted).toEqual(['net::ERR_ABORTED'])
    await page.getByRole('button', { name: /^range/ }).click()
    await requestsNote(page, (seconds - 13) * perSecond)
    await showAround(page, '+10 users by hand')
    await requestsNote(page, 30 * perSecond)
    // A part of what is here needs no reading either.
    await page.locator('.plot').first().press('+')
    await requestsNote(page, 15 * perSecond)
    expect(asked).toHaveLength(2)
  })

  test('that goes on opens merged, and its range shows single seconds', async () => {
    const running = { ...long.page.item, state: 'running', durationUs: 3000e6 } as const
    const live: MadeRun = { ...long, page: { ...long.page, item: running } }
    const { page, asked, fixture } = await opened(live, 3000)
    await requestsNote(page, (3000 - 13) * perSecond)
    expect(asked[1]).toBe('13-3000/10')
    await expect.poll(() => fixture.feeds).toBe(1)
    fixture.measure(live, 5)
    await requestsNote(page, (3005 - 13) * perSecond)
    await showAround(page, '+10 users by hand')
    await requestsNote(page, 30 * perSecond)
    await moments(page, 'Latency').toBe(30)
    // What comes meanwhile is part of the whole, not of the range.
    fixture.measure(live, 5)
    await page.getByRole('button', { name: /^range/ }).click()
    await requestsNote(page, (3010 - 13) * perSecond)
  })
})
