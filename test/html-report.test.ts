import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { formatCount, formatMs, htmlReport } from '../src/report/index.ts'
import { folder, loadstone, measureScript, startTarget } from './program.ts'
import { openBrowser, openPage } from './web/browser.ts'
import { madeRun } from './web/made-run.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

/** The file, opened from disk; whoever asks for anything but the file is noted. */
async function openReport(file: string) {
  const { page, faults, ...opened } = await openPage(browser)
  onTestFinished(() => opened.close())
  const requests: string[] = []
  page.on('request', request => requests.push(request.url()))
  const url = pathToFileURL(file).href
  await page.goto(url)
  await page.getByRole('heading', { name: 'Over time' }).waitFor()
  return { page, faults, others: () => requests.filter(one => one !== url) }
}

/** The table of requests: what stands under each heading, in the order of names. */
async function tableRows(page: Page) {
  const table = page.getByRole('region', { name: 'request names' })
  const labels = await table.locator('thead th').allTextContents()
  const rows: Record<string, string>[] = []
  for (const row of await table.locator('tbody tr').all()) {
    const cells = await row.locator('th, td').allTextContents()
    const entries = labels.map((label, i) => [label.replace(/[↑↓]/, ''), cells[i] ?? ''] as const)
    rows.push(Object.fromEntries(entries))
  }
  return rows.sort((a, b) => ((a['Name'] ?? '') < (b['Name'] ?? '') ? -1 : 1))
}

interface Figures {
  readonly name: string
  readonly count: number
  readonly latencyMs: Readonly<Record<string, number>>
}

const evil = '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">'

describe('the HTML report', () => {
  test("opens from disk with the run's figures, asks for nothing and runs no text", async () => {
    const { url } = await startTarget((request, response) => {
      response.statusCode = request.url === '/broken' ? 503 : 200
      response.setHeader('x-note', evil)
      response.end(evil)
    })
    const before = `const evil = ${JSON.stringify(evil)}`
    const iteration = `await user.http.get('/good', { check: { [evil]: () => evil } })
    await user.http.get('/broken')
    await user.think('20ms')
    if (user.iteration === 2) throw new Error(evil)`
    const texts = { target: url, load: `{ users: 2, duration: '3s' }`, iteration, before }
    const file = join(folder().path, 'r.html')
    const { summary, stdout } = await measureScript(texts, [
      ...['--html', file, '--tag', `note=${evil}`],
    ]).measured
    expect(summary.scriptErrors[0]?.message).toContain(evil)
    expect(stdout).toContain(`report: ${file}`)
    const { page, faults, others } = await openReport(file)
    const rows = await tableRows(page)
    const wanted = (summary.requests as unknown as readonly Figures[]).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )
    expect(rows.map(row => [row['Name'], row['Requests']])).toEqual(
      wanted.map(({ name, count }) => [name, formatCount(count)]),
    )
    for (const [place, { latencyMs }] of wanted.entries()) {
      for (const key of ['p50', 'p95', 'p99', 'max']) {
        // The summary's figures are rounded to whole µs: the last digit shown may differ.
        const us = (latencyMs[key] ?? NaN) * 1000
        const shown = [-0.501, 0, 0.501].map(by => formatMs(us + by))
        expect(shown).toContain(rows[place]?.[key])
      }
    }
    expect(rows.map(row => row['5xx'])).toEqual([rows[0]?.['Requests'], '0'])
    await page.getByRole('button', { name: 'GET /good' }).click()
    await page.getByRole('region', { name: 'Checks' }).waitFor()
    // Of the tag, the script error and the check.
    expect(await page.getByText(evil).count()).toBeGreaterThanOrEqual(3)
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect([faults, others()]).toEqual([[], []])
  })

  test('made again from the store is the file that the run made', async () => {
    const { url } = await startTarget()
    const { path } = folder()
    const [file, again] = [join(path, 'run.html'), join(path, 'again.html')]
    const store = join(path, 'runs.db')
    const flags = ['--html', file, '--store', store, '-w', '2', '--warm-up', '1s']
    const load = `{ rate: '40/s', duration: '3s' }`
    const iteration = `await user.http.get('/')`
    const env = { LOADSTONE_NO_STORE: '' }
    await measureScript({ target: url, load, iteration }, flags, { env }).measured
    const report = await loadstone(['report', 'last', '--store', store, '--html', again])
    expect([report.code, report.stderr]).toEqual([0, ''])
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(file, 'utf8'))
  })

  test('of a stopped run tells so, and one that cannot be written makes no load', async () => {
    const { url, counts } = await startTarget()
    const { path } = folder()
    const nowhere = join(path, 'none', 'r.html')
    const refused = await loadstone(['quick', url, '-d', '1s', '--html', nowhere])
    expect([refused.code, counts.total]).toEqual([2, 0])
    expect(refused.stderr).toContain(`--html: ${nowhere} cannot be written: there is no folder`)
    const file = join(path, 'r.html')
    const run = measureScript({ target: url, load: `{ users: 1, duration: '60s' }` }, [
      ...['--html', file],
    ])
    await run.saw('0:02')
    run.child.kill('SIGINT')
    expect((await run.measured).code).toBe(105)
    const { page } = await openReport(file)
    await page.getByText('aborted').first().waitFor()
  })

  test('of ten minutes and 20 names stays below 1 MB', () => {
    const { page, seconds } = madeRun({ seconds: 600, names: 20, perName: 20 })
    const template = readFileSync(resolve(import.meta.dirname, '../dist/web/report.html'), 'utf8')
    const text = htmlReport({ template, page, seconds, deflateRaw: one => deflateRawSync(one) })
    const sizeBytes = Buffer.byteLength(text)
    expect(sizeBytes).toBeLessThan(1_000_000)
    expect(sizeBytes).toBeGreaterThan(template.length + 50_000)
  })
})
