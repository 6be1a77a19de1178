import type { Hono } from 'hono'
import { prometheusText, prometheusTextType } from '../../report/index.ts'
import { refused } from '../access/access.ts'
import { eventStream } from '../live/event-stream.ts'
import type { StoredFeeds } from '../live/stored-feeds.ts'
import type { DashboardContext } from './context.ts'
import { findRun } from './run-source.ts'

/** Connections that may follow at the same time. */
const followersMax = 200

/** What goes on now: the live feed, and the numbers for Prometheus. */
export function liveRoutes(
  app: Hono,
  context: DashboardContext,
  storedFeeds: StoredFeeds | undefined,
): void {
  let followers = 0
  app.get('/api/runs/:id/live', async c => {
    const found = await findRun(context, c.req.param('id'))
    if (followers >= followersMax) return refused(c, 409, `${followersMax} pages follow already`)
    const after = c.req.header('last-event-id') ?? c.req.query('after')
    const cursor = found.live?.feed.follow(after) ?? storedFeeds?.follow(found.stored!, after)
    if (cursor === undefined) return refused(c, 404, 'runs are not stored here')
    followers += 1
    cursor.whenClosed(() => (followers -= 1))
    return eventStream(cursor, context.clock)
  })

  app.get('/metrics', c => {
    const run = context.current()
    const text = run === undefined ? '' : prometheusText(run.metrics.families(), { run_id: run.id })
    return c.text(text, 200, { 'content-type': prometheusTextType })
  })
}
