import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { formatCount, formatMs, htmlReport } from '../src/report/index.ts'
import { folder, goodEnds, loadstone, measureScript, scriptText, startTarget } from './program.ts'
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

interface Compared {
  readonly comparison: {
    readonly because: string
    readonly base: { readonly id: string }
    readonly overall: ComparedName
    readonly names: readonly ComparedName[]
  }
}

interface ComparedName {
  readonly measures: readonly {
    readonly measure: string
    readonly verdict: string
    readonly base: number
    readonly candidate: number
  }[]
}

const comparedIn = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Compared

/** What a page may show for a figure that was rounded to whole µs. */
const figures = (ms: number) =>
  [-0.501, 0, 0.501].flatMap(by => {
    const us = ms * 1000 + by
    return [`${Math.round(us)} µs`, `${formatMs(us)} ms`]
  })

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

  test('shows the comparison with the baseline, with the figures of all outputs', async () => {
    const { url } = await startTarget()
    const files = folder()
    const load = `{ rate: '40/s', duration: '4s' }`
    files.write('shop.ts', scriptText({ target: url, load, iteration: `user.http.get('/')` }))
    const [file, again] = [join(files.path, 'run.html'), join(files.path, 'again.html')]
    const run = (...flags: string[]) =>
      loadstone(['run', 'shop.ts', '--store', 'runs.db', ...flags], { cwd: files.path })
    const report = (...flags: string[]) =>
      loadstone(['report', 'last', '--store', 'runs.db', ...flags], { cwd: files.path })
    expect(goodEnds).toContain((await run()).code)
    const results = ['--html', file, '--json', 'run.json', '--markdown', 'run.md']
    expect(goodEnds).toContain((await run('--baseline', 'last', ...results)).code)
    const { comparison } = comparedIn(join(files.path, 'run.json'))
    const id = comparison.base.id
    const more = ['--html', again, '--json', 'again.json', '--markdown', 'again.md']
    const made = await report('--baseline', id, ...more)
    expect([made.code, made.stderr]).toEqual([0, ''])

    const { overall, names } = comparison
    expect(comparedIn(join(files.path, 'again.json')).comparison).toMatchObject({ overall, names })
    const tableOf = (name: string) =>
      readFileSync(join(files.path, name), 'utf8').match(/^\| . \| .*\|$/gm)
    expect(tableOf('again.md')).toEqual(tableOf('run.md'))
    for (const path of [file, again]) {
      const { page, faults, others } = await openReport(path)
      await page.getByText(comparison.because).first().waitFor()
      const rows = page.locator('.comparison tbody tr', { has: page.locator('td + td') })
      const texts = await rows.allInnerTexts()
      const shown = texts.map(text => text.split('\t').map(cell => cell.trim()))
      const wanted = [overall, ...names].flatMap(({ measures }) => measures)
      expect(shown.map(([measure]) => measure)).toEqual(
        wanted.map(({ measure }) => (measure === 'errors' ? 'failed' : measure)),
      )
      for (const [place, { measure, verdict, base, candidate }] of wanted.entries()) {
        expect(shown[place]?.[1]).toContain(verdict)
        if (measure === 'errors') continue
        expect(figures(base)).toContain(shown[place]?.[3])
        expect(figures(candidate)).toContain(shown[place]?.[4])
      }
      expect([faults, others()]).toEqual([[], []])
    }
    const itself = await report('--baseline', 'last')
    expect([itself.code, itself.stderr]).toEqual([2, expect.stringContaining('both sides are')])
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
