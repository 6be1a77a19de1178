import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWeb } from '../../build-web.ts'
import { openBrowser, openPage } from './browser.ts'
import { startFixture } from './fixture-server.ts'
import { madeRun, type MadeRunOptions } from './made-run.ts'

let browser: Browser

beforeAll(async () => {
  await buildWeb()
  browser = await openBrowser()
})
afterAll(() => browser.close())

const perSecond = 40

/** A page that watches a run of which nothing was measured yet. */
async function watching(fields: Partial<MadeRunOptions> = {}) {
  const options = { seconds: 40, names: 4, perName: 10, id: 'live', ...fields }
  const run = madeRun({ ...options, state: 'running' })
  const server = await startFixture([run])
  const { fixture } = server
  const watched = await openPage(browser)
  onTestFinished(async () => {
    await watched.close()
    await server.stop()
  })
  const open = async () => {
    await watched.page.goto(`${server.url}#/runs/live`)
    await expect.poll(() => fixture.feeds).toBe(1)
  }
  return { ...watched, fixture, run, open, over: () => madeRun(options) }
}

const requests = (page: Page, seconds: number) =>
  page.getByText(`${(seconds * perSecond).toLocaleString('en')} requests`).waitFor()

describe('a run under way', () => {
  test('grows second by second, from where it was when the page was opened', async () => {
    const { page, fixture, run, open, faults } = await watching()
    fixture.measure(run, 5, false)
    await open()
    await requests(page, 5)
    fixture.measure(run, 3)
    await requests(page, 8)
    expect(faults).toEqual([])
  })

  test('says when the connection is lost, and misses nothing when it is back', async () => {
    const { page, fixture, run, open } = await watching()
    await open()
    fixture.measure(run, 4)
    await requests(page, 4)
    fixture.breakFeeds()
    await page.getByText('reconnecting').waitFor()
    fixture.measure(run, 6, false)
    await expect.poll(() => fixture.feeds).toBe(1)
    await requests(page, 10)
    fixture.measure(run, 2)
    await requests(page, 12)
    expect(await page.getByText('reconnecting').count()).toBe(0)
  })

  test('fills a hole that the feed left', async () => {
    const { page, fixture, run, open } = await watching()
    await open()
    fixture.measure(run, 2)
    await requests(page, 2)
    fixture.measure(run, 3, false)
    fixture.measure(run, 1)
    await requests(page, 6)
  })

  test('shows a change as a mark, a pause, and the verdict at the end', async () => {
    const { page, fixture, run, open, over } = await watching()
    await open()
    fixture.measure(run, 10)
    fixture.tell({ event: 'mark', data: { atUs: 9e6, kind: 'rate', text: 'twice the rate' } })
    await page.locator('.mark', { hasText: 'twice the rate' }).waitFor()
    fixture.tell({ event: 'phase', data: { phase: 'running', paused: true } })
    await page.locator('.chip', { hasText: 'paused' }).waitFor()
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    fixture.replace(over())
    fixture.tell({ event: 'ended', data: { id: 'live' } })
    await page.getByRole('status').getByText('thresholds failed').waitFor()
    await requests(page, 40)
    expect(await page.getByRole('toolbar').count()).toBe(0)
  })

  test('is steered by buttons and by the keys of the terminal', async () => {
    const { page, fixture, open } = await watching()
    await open()
    await page.getByRole('button', { name: '+10 users', exact: true }).click()
    for (const key of ['w', 'S', 'p']) await page.keyboard.press(key)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('button', { name: 'Stop now' }).click()
    await expect
      .poll(() => fixture.commands)
      .toEqual([
        { kind: 'users', delta: 10 },
        { kind: 'users', delta: 1 },
        { kind: 'users', delta: -10 },
        { kind: 'pause' },
        { kind: 'stop', how: 'graceful' },
        { kind: 'stop', how: 'now' },
      ])
  })

  test('by arrival rate is steered by its rate', async () => {
    const { page, fixture, open } = await watching({ model: 'open' })
    await open()
    await page.getByRole('button', { name: 'Arrival rate ×2' }).click()
    await expect.poll(() => fixture.commands).toEqual([{ kind: 'rate', factor: 2 }])
    expect(await page.getByRole('button', { name: '+10 users', exact: true }).count()).toBe(0)
  })

  test('keys typed into the search steer nothing', async () => {
    const { page, fixture, run, open } = await watching()
    await open()
    fixture.measure(run, 1)
    await page.getByLabel('Search requests').pressSequentially('sSwp')
    await page.getByRole('button', { name: '+1 users', exact: true }).click()
    await expect.poll(() => fixture.commands).toEqual([{ kind: 'users', delta: 1 }])
  })
})
