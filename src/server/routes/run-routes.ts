import type { Hono } from 'hono'
import { z } from 'zod'
import { UsageError } from '../../base/index.ts'
import { framedSeconds } from '../../metrics/index.ts'
import { compressedJson, compressedStream } from '../access/compression.ts'
import type { RunItem, RunPage, ServerInfo } from '../api.ts'
import { itemOf, pageOf } from '../pages/run-page.ts'
import { UnendedLatency } from '../pages/unended-latency.ts'
import type { DashboardContext } from './context.ts'
import { findRun, secondsOf, type FoundRun } from './run-source.ts'

const wholeNumber = z.coerce.number().int().min(0)
const listQuery = z.object({
  tag: z.array(z.string().regex(/^[^=]+=/)),
  limit: wholeNumber.max(10_000).default(100),
})
const secondsQuery = z.object({
  from: wholeNumber.default(0),
  to: wholeNumber.default(2 ** 31 - 1),
  span: wholeNumber.min(1).max(3600).default(1),
})
const scriptsMax = 200

/** Everything that is read: of this process's run, and of the store. */
export function readRoutes(app: Hono, context: DashboardContext): void {
  const unended = context.store && new UnendedLatency(context.store)

  app.get('/api/info', async c => c.json(await infoOf(context)))

  app.get('/api/runs', async c => {
    const asked = { tag: c.req.queries('tag') ?? [], limit: c.req.query('limit') }
    const { tag, limit } = listQuery.parse(asked)
    const tags = Object.fromEntries(tag.map(text => pairOf(text)))
    return compressedJson(c, { runs: await itemsOf(context, unended, { tags, limit }) })
  })

  app.get('/api/runs/:id', async c => {
    return compressedJson(c, await pageOfRun(context, await findRun(context, c.req.param('id'))))
  })

  app.get('/api/runs/:id/seconds', async c => {
    const range = secondsQuery.parse(c.req.query())
    const found = await findRun(context, c.req.param('id'))
    const chunks = framed(secondsOf(context, found, range))
    // What a run that is over has measured does not change.
    const isFinal = found.stored !== undefined && found.stored.state !== 'running'
    const headers = { 'cache-control': isFinal ? 'private, max-age=86400' : 'no-store' }
    return compressedStream(c, { chunks, type: 'application/octet-stream', headers })
  })
}

async function infoOf({
  starter,
  current,
  loadstoneVersion,
}: DashboardContext): Promise<ServerInfo> {
  const run = current()
  const scripts = (await starter?.scripts()) ?? []
  return {
    loadstoneVersion,
    canStart: starter !== undefined,
    scripts: scripts.slice(0, scriptsMax),
    ...(run?.running && { runningId: run.id }),
  }
}

async function itemsOf(
  { store, current }: DashboardContext,
  unended: UnendedLatency | undefined,
  wanted: { readonly tags: Readonly<Record<string, string>>; readonly limit: number },
): Promise<RunItem[]> {
  const { tags, limit } = wanted
  const stored = (await store?.runs(wanted)) ?? []
  const live = current()
  const others: RunItem[] = []
  for (const run of stored) {
    if (run.id === live?.id) continue
    others.push(itemOf(run, run.end ? undefined : await unended?.of(run)))
  }
  if (live === undefined) return others
  const own = live.item()
  const isWanted = Object.entries(tags).every(([key, value]) => own.tags[key] === value)
  const known = stored.find(({ id }) => id === live.id)
  const item = { ...own, storedBytes: known?.storedBytes ?? 0 }
  return isWanted ? [item, ...others].slice(0, limit) : others
}

async function pageOfRun({ store }: DashboardContext, run: FoundRun): Promise<RunPage> {
  if (run.live !== undefined) return run.live.page()
  if (store === undefined) throw new UsageError('RUN_UNKNOWN', 'runs are not stored here')
  return pageOf(run.stored, store)
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}

async function* framed(seconds: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const second of seconds) yield framedSeconds([second])
}
