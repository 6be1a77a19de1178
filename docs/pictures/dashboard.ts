/**
 * Makes the pictures of the dashboard, the report and a comparison, from real runs against a small
 * server of its own (two minutes; needs chromium):
 *
 *   npm run build:web && node docs/pictures/dashboard.ts
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { clockFromNow, pause, seededRandom } from '../../src/base/index.ts'
import { openBrowser, openPage } from '../../test/web/browser.ts'

const bin = resolve(import.meta.dirname, '../../src/cli/bin.js')
const clock = clockFromNow()
const random = seededRandom(1, 'pictures')
const folder = mkdtempSync(join(tmpdir(), 'loadstone-pictures-'))

/** A shop that answers in some milliseconds, slower for a while, and fails now and then. */
async function startShop(slowness: number) {
  const meanUs: Readonly<Record<string, number>> = {
    ...{ '/api/products': 4_000, '/api/cart': 7_000, '/api/orders': 14_000 },
  }
  const begunAtUs = clock.nowUs()
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\/\d+$/, '').replace(/\?.*/, '')
    const atSecond = (clock.nowUs() - begunAtUs) / 1e6
    const busy = atSecond > 30 && atSecond < 40 ? 2.5 : 1
    const spread = Math.exp((random.float() + random.float() + random.float() - 1.5) * 0.8)
    response.statusCode = busy > 1 && random.chance(0.04) ? 503 : 200
    const waitUs = (meanUs[path] ?? 5_000) * slowness * busy * spread
    clock.after(waitUs, () => response.end('{"ok":true}'))
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, server }
}

const script = `import { between, plan, scenario } from 'loadstone'

const shopper = scenario('shopper', {
  target: 'http://127.0.0.1:1',
  load: { users: 40, rampUp: '15s', duration: '100s' },
  thinkTime: between('0.1s', '0.5s'),
  async iteration(user) {
    await user.http.get('/api/products', { query: { page: 1 } })
    await user.http.get('/api/products/:id', { params: { id: user.iteration % 50 } })
    await user.step('buy', async () => {
      await user.http.post('/api/cart', { json: { sku: 'sku-1' } })
      await user.http.post('/api/orders', { json: { pay: 'card' } })
    })
  },
})

export default plan({
  scenarios: [shopper],
  thresholds: ['p95 < 60ms', 'errors < 2%', 'buy: p95 < 150ms'],
  warmUp: '5s',
})
`

const children: ChildProcess[] = []

function loadstone(args: readonly string[]) {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder })
  children.push(child)
  let text = ''
  const ended = new Promise<void>(done => child.on('close', () => done()))
  const address = new Promise<string>((found, failed) => {
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [, url] = /dashboard: (http:\S+)\n/.exec(text) ?? []
      if (url !== undefined) found(url)
    })
    void ended.then(() => failed(new Error(`ended without an address: ${text}`)))
  })
  // Only some have a dashboard.
  address.catch(() => undefined)
  return { child, ended, address }
}

const picture = (page: Page, name: string, fullPage = false) =>
  page.screenshot({ path: join(import.meta.dirname, `${name}.png`), fullPage })

async function makePictures(): Promise<void> {
  const shops = [await startShop(1), await startShop(1.25)]
  writeFileSync(join(folder, 'shop.ts'), script)
  const host = (place: number) => ['-H', shops[place]?.url ?? '']
  const browser = await openBrowser()
  const viewport = { width: 1200, height: 860 }
  const size = { viewport, locale: 'en-GB' }
  const baseRun = loadstone(['run', 'shop.ts', ...host(0), '--tag', 'branch=main'])
  const run = loadstone([
    ...['run', 'shop.ts', ...host(1), '--ui', '0', '--html', 'report.html'],
    ...['--tag', 'branch=new-orders'],
  ])
  const live = await openPage(browser, size)
  const dark = await openPage(browser, { ...size, colorScheme: 'dark' })
  const faults = [live.faults, dark.faults]
  const url = await run.address
  await live.page.goto(`${url}#/runs/last`)
  await dark.page.goto(`${url}#/runs/last`)
  await pause(clock, 58_000_000)
  await picture(live.page, 'dashboard-live')
  await picture(dark.page, 'dashboard-dark')
  await live.close()
  await dark.close()
  await Promise.all([baseRun.ended, run.ended])

  const report = await openPage(browser, { ...size, viewport: { width: 1200, height: 1500 } })
  faults.push(report.faults)
  await report.page.goto(pathToFileURL(join(folder, 'report.html')).href)
  await report.page.getByRole('heading', { name: 'Over time' }).waitFor()
  await report.page.getByRole('button', { name: 'POST /api/orders' }).click()
  await picture(report.page, 'html-report')
  await report.close()

  const ui = loadstone(['ui', '--ui-port', '0'])
  const { page, faults: uiFaults } = await openPage(browser, size)
  faults.push(uiFaults)
  const address = await ui.address
  await page.goto(address)
  await page.getByText('branch=main').first().waitFor()
  await picture(page, 'dashboard-runs')
  const answer = await page.request.get(new URL('/api/runs', address).href)
  const { runs } = (await answer.json()) as { runs: { id: string; tags: { branch: string } }[] }
  const idOf = (branch: string) => runs.find(({ tags }) => tags.branch === branch)?.id ?? ''
  await page.goto(`${address}#/compare/${idOf('main')}/${idOf('new-orders')}`)
  await page.getByRole('heading', { name: 'Laid over each other' }).waitFor()
  await page.locator('canvas').nth(5).waitFor()
  await picture(page, 'comparison')
  await browser.close()
  for (const { server } of shops) server.close()
  const found = faults.flat()
  if (found.length > 0) throw new Error(`the pages complained: ${found.join('; ')}`)
}

try {
  await makePictures()
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
