import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { z } from 'zod'
import { messageOf, pause, UsageError, type Clock } from '../base/index.ts'
import type { RunStore } from '../store/index.ts'
import { accessGuard, refused } from './access/access.ts'
import { safeHeaders } from './access/headers.ts'
import { isLoopback } from './access/host-check.ts'
import type { LiveRun } from './live/live-run.ts'
import { StoredFeeds } from './live/stored-feeds.ts'
import { changeRoutes } from './routes/change-routes.ts'
import { compareRoutes } from './routes/compare-routes.ts'
import type { CompareStored, DashboardContext, RunStarter } from './routes/context.ts'
import { liveRoutes } from './routes/live-routes.ts'
import { pageFiles } from './routes/page-files.ts'
import { readRoutes } from './routes/run-routes.ts'
import { Turns } from './routes/turns.ts'

const tokenLengthMin = 16
/** What is still being sent when the server closes gets this long. */
const closingUs = 1_000_000
const lastLookUs = 700_000

export interface DashboardOptions {
  /** Without it only the run of this process is shown. */
  readonly store: RunStore | undefined
  /** Without it no run can be started from the page. */
  readonly starter?: RunStarter | undefined
  /** Without it no runs are compared. */
  readonly compare?: CompareStored | undefined
  readonly clock: Clock
  readonly loadstoneVersion: string
  /** Folder of the built page. */
  readonly pageFolder: string
  /** @default '127.0.0.1' */
  readonly host?: string | undefined
  /** 0: any that is free. */
  readonly port: number
  /** Needed for every host that other machines can reach. */
  readonly token?: string | undefined
}

/** A dashboard that listens. */
export interface Dashboard {
  /** 'http://127.0.0.1:8089/'; with the token when there is one. */
  readonly url: string
  readonly port: number
  /** The run of this process from now on. */
  show(run: LiveRun): void
  /** Resolves when nothing listens any more; feeds are ended first. */
  close(): Promise<void>
}

/**
 * Serves the dashboard. Throws a UsageError when the address cannot be listened on (UI_PORT), or
 * may not be without a token (UI_TOKEN).
 */
export async function openDashboard(options: DashboardOptions): Promise<Dashboard> {
  const host = options.host ?? '127.0.0.1'
  checkToken(host, options.token)
  let current: LiveRun | undefined
  let port = options.port
  const { store, clock, starter, compare, loadstoneVersion } = options
  const context: DashboardContext = {
    ...{ store, clock, starter, compare, loadstoneVersion },
    current: () => current,
  }
  const storedFeeds = store && new StoredFeeds(store, clock)
  const comparisons = new Turns()
  const app = appOf(
    context,
    { storedFeeds, comparisons },
    {
      pageFolder: options.pageFolder,
      access: { boundHost: host, token: options.token, port: () => port },
    },
  )
  const answer = getRequestListener(app.fetch)
  const server = createServer((request, response) => void answer(request, response))
  port = await listen(server, host, options.port)
  return {
    url: urlOf({ host, port, token: options.token }),
    port,
    show: run => {
      current?.feed.close()
      current = run
    },
    close: async () => {
      // Whoever watched its end reads the run once more.
      if (current?.watchedAtEnd === true) await pause(clock, lastLookUs)
      current?.feed.close()
      storedFeeds?.close()
      await comparisons.close()
      await closed(server, clock)
    },
  }
}

function appOf(
  context: DashboardContext,
  served: { readonly storedFeeds: StoredFeeds | undefined; readonly comparisons: Turns },
  options: { readonly pageFolder: string; readonly access: Parameters<typeof accessGuard>[0] },
): Hono {
  const app = new Hono()
  app.use(safeHeaders)
  app.use(accessGuard(options.access))
  app.onError((error, c) => {
    if (error instanceof z.ZodError) return refused(c, 400, wordsOf(error))
    if (error instanceof UsageError) {
      return refused(c, error.code === 'RUN_UNKNOWN' ? 404 : 400, error.message)
    }
    return refused(c, 500, `internal error: ${messageOf(error)}`)
  })
  app.notFound(c => refused(c, 404, `there is no ${c.req.method} ${c.req.path}`))
  changeRoutes(app, context)
  readRoutes(app, context)
  compareRoutes(app, context, served.comparisons)
  liveRoutes(app, context, served.storedFeeds)
  pageFiles(app, options.pageFolder)
  return app
}

function wordsOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => `${path.length === 0 ? 'body' : path.join('.')}: ${message}`)
    .join('; ')
}

function checkToken(host: string, token: string | undefined): void {
  if (token !== undefined && token.length < tokenLengthMin) {
    throw new UsageError('UI_TOKEN', `--ui-token has at least ${tokenLengthMin} characters`)
  }
  if (token === undefined && !isLoopback(host)) {
    throw new UsageError(
      'UI_TOKEN',
      `--ui-host ${host} can be reached from other machines: give --ui-token with at least ` +
        `${tokenLengthMin} characters, so that not everybody can start and stop runs`,
    )
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const words: Readonly<Record<string, string>> = {
        EADDRINUSE: 'is taken by another program',
        EACCES: 'may not be used by you',
        EADDRNOTAVAIL: 'is no address of this machine',
      }
      const why = words[cause.code ?? ''] ?? messageOf(cause)
      reject(new UsageError('UI_PORT', `the dashboard's port ${port} on ${host} ${why}`, { cause }))
    })
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

function closed(server: Server, clock: Clock): Promise<void> {
  return new Promise(resolve => {
    const cancel = clock.after(closingUs, () => server.closeAllConnections())
    server.close(() => {
      cancel()
      resolve()
    })
    server.closeIdleConnections()
  })
}

function urlOf(at: { host: string; port: number; token: string | undefined }): string {
  const name = at.host === '0.0.0.0' ? '127.0.0.1' : at.host === '::' ? '::1' : at.host
  const shown = name.includes(':') ? `[${name}]` : name
  const query = at.token === undefined ? '' : `?token=${encodeURIComponent(at.token)}`
  return `http://${shown}:${at.port}/${query}`
}
