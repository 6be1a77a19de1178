import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

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
