/**
 * Budget: with 500 names the page of a live run is busy for at most 50 ms a second's update, and
 * no task of the browser takes longer.
 *
 * A browser watches a made-up run whose seconds come faster than one a second; the browser's own
 * account of its time is read before and after.
 */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CDPSession } from 'playwright-core'
import { buildWeb } from '../build-web.ts'
import { openBrowser, openPage } from '../test/web/browser.ts'
import { startFixture } from '../test/web/fixture-server.ts'
import { madeRun } from '../test/web/made-run.ts'
import {
  informs,
  withinBudget,
  type Bench,
  type BenchOptions,
  type BenchResult,
} from './rig/bench.ts'

const budgetMs = 50
const namesCount = 500
/** Between two updates: time to draw, shorter than the second they stand for. */
const pauseMs = 150

const countLongTasks = `
  window.longestMs = 0
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      window.longestMs = Math.max(window.longestMs, entry.duration)
    }
  }).observe({ type: 'longtask' })`

async function run({ tiny, say }: BenchOptions): Promise<BenchResult> {
  if (!existsSync('/usr/bin/chromium')) return { kind: 'skipped', reason: 'chromium is missing' }
  await buildWeb()
  const [before, updates] = tiny ? [5, 3] : [300, 60]
  const shape = { names: namesCount, perName: 4, id: 'live', state: 'running' } as const
  const made = madeRun({ ...shape, seconds: before + updates })
  const server = await startFixture([made])
  const browser = await openBrowser()
  try {
    const { page } = await openPage(browser)
    server.fixture.measure(made, before, false)
    await page.addInitScript(countLongTasks)
    const opening = performance.now()
    await page.goto(`${server.url}#/runs/live`)
    await page.getByText(`${namesCount} names`).waitFor()
    const openedMs = performance.now() - opening
    await sleep(1000)
    await page.evaluate('window.longestMs = 0')
    const browserTime = await page.context().newCDPSession(page)
    const startedMs = await busyMs(browserTime)
    for (let update = 0; update < updates; update++) {
      server.fixture.measure(made, 1)
      await sleep(pauseMs)
    }
    const updateMs = ((await busyMs(browserTime)) - startedMs) / updates
    const longestMs = Number(await page.evaluate('window.longestMs'))
    say(`${updates} updates of ${namesCount} names after ${before} seconds`)
    const figure = (name: string, measured: number) => ({ name, unit: 'ms', measured })
    const rows = [
      withinBudget(figure('busy for an update', updateMs), { atMost: budgetMs }),
      withinBudget(figure('longest task above 50 ms', longestMs), { atMost: budgetMs }),
      informs(figure(`first picture of ${before} seconds`, openedMs)),
    ]
    return { kind: 'measured', rows, notes: [] }
  } finally {
    await browser.close()
    await server.stop()
  }
}

/** Time that the page's main thread has worked, ms. */
async function busyMs(session: CDPSession): Promise<number> {
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000
}

export const dashboard: Bench = {
  name: 'dashboard',
  budget: `with ${namesCount} names an update of a live run takes the page at most ${budgetMs} ms`,
  run,
}
