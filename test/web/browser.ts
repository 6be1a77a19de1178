import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { buildWeb } from '../../build-web.ts'
import { htmlReport } from '../../src/report/index.ts'
import type { ComparisonPage, ServerInfo } from '../../src/server/api.ts'
import { startFixture } from './fixture-server.ts'
import type { MadeRun } from './made-run.ts'

/** Debian's browser, told to keep to itself. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
}

export interface WatchedPage {
  readonly page: Page
  /** Errors of the console, uncaught ones, and requests that failed or went to another host. */
  readonly faults: string[]
  close(): Promise<void>
}

/** A page of its own whose faults are written down. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text())
  })
  page.on('pageerror', error => faults.push(String(error)))
  page.on('requestfailed', request => {
    // A feed that the page itself closed is no fault.
    if (!request.url().includes('/live')) faults.push(`failed: ${request.url()}`)
  })
  page.on('request', request => {
    const { protocol, hostname } = new URL(request.url())
    const ours = hostname === '127.0.0.1' || ['file:', 'data:', 'blob:'].includes(protocol)
    if (!ours) faults.push(`another host: ${request.url()}`)
  })
  return { page, faults, close: () => context.close() }
}

/** What the dashboard of a test shows, and in which browser. */
export interface Place extends BrowserContextOptions {
  /** @default the list of runs */
  readonly hash?: string
  readonly info?: Partial<ServerInfo>
  readonly comparison?: ComparisonPage
}

/** The built pages and a browser for all tests of a file; what a test opens is closed after it. */
export function pagesOfTests() {
  let browser: Browser
  let built: string
  beforeAll(async () => {
    built = await buildWeb()
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  const open = async (address: string, options?: BrowserContextOptions) => {
    const watched = await openPage(browser, options)
    onTestFinished(() => watched.close())
    await watched.page.goto(address)
    return watched
  }
  return {
    /** The dashboard over these runs. */
    dashboard: async (runs: readonly MadeRun[], place: Place = {}) => {
      const { hash = '', info, comparison, ...options } = place
      const server = await startFixture(runs, info)
      onTestFinished(() => server.stop())
      server.fixture.comparison = comparison
      return { ...server, ...(await open(`${server.url}${hash}`, options)) }
    },

    /** The text of a report. */
    reportOf: ({ page, seconds }: MadeRun, comparison?: ComparisonPage): string => {
      const template = readFileSync(join(built, 'report.html'), 'utf8')
      return htmlReport({ template, page, comparison, seconds, deflateRaw: deflateRawSync })
    },

    /** A report as a file on the disk, in a browser that has no network. */
    report: async (html: string, options: BrowserContextOptions = {}) => {
      const folder = mkdtempSync(join(tmpdir(), 'loadstone-report-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const file = join(folder, 'report.html')
      writeFileSync(file, html)
      const watched = await open(pathToFileURL(file).href, { ...options, offline: true })
      await watched.page.locator('.names-scroll').first().waitFor()
      return watched
    },
  }
}
