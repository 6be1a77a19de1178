import { UsageError } from '../../base/index.ts'
import { decodeSecond, encodeSecond, mergedSeconds } from '../../metrics/index.ts'
import type { RunSecond } from '../../metrics/index.ts'
import type { StoredRun } from '../../store/index.ts'
import type { LiveRun } from '../live/live-run.ts'
import type { DashboardContext } from './context.ts'

/** A run is in this process, or in the store only. */
export type FoundRun =
  | { readonly live: LiveRun; readonly stored?: undefined }
  | { readonly live?: undefined; readonly stored: StoredRun }

/** The run with this id, a unique beginning of it, or 'last'. Throws a UsageError (RUN_UNKNOWN). */
export async function findRun(context: DashboardContext, which: string): Promise<FoundRun> {
  const live = context.current()
  if (live !== undefined && (which === live.id || (which === 'last' && live.running))) {
    return { live }
  }
  if (context.store === undefined) {
    if (live !== undefined && (which === 'last' || live.id.startsWith(which))) return { live }
    throw new UsageError('RUN_UNKNOWN', `there is no run "${which}": runs are not stored here`)
  }
  const stored = await context.store.find(which)
  return stored.id === live?.id ? { live } : { stored }
}

/** Seconds of [from, to), every `span` of them merged into one: spans begin at multiples of it. */
export async function secondsOf(
  context: DashboardContext,
  run: FoundRun,
  range: { readonly from: number; readonly to: number; readonly span: number },
): Promise<Uint8Array[]> {
  const { from, to, span } = range
  const seconds = await readSeconds(context, run, { from, to, stored: storedSpan(span) })
  const groups = Map.groupBy(seconds, second => Math.floor(second.index / span))
  return [...groups.values()].map(group => {
    const [only] = group
    return encodeSecond(group.length === 1 && only !== undefined ? only : mergedSeconds(group))
  })
}

async function readSeconds(
  context: DashboardContext,
  { live, stored }: FoundRun,
  range: { readonly from: number; readonly to: number; readonly stored: 1 | 10 | 60 },
): Promise<RunSecond[]> {
  const { from, to } = range
  const { store } = context
  if (live === undefined)
    return (await store?.seconds(stored.id, { from, to, span: range.stored })) ?? []
  // The store writes a moment later than the run tells: what is newest is in memory.
  const recent = live.feed.inMemory(from, to).map(decodeSecond)
  const begins = recent[0]?.index ?? to
  if (store === undefined || begins <= from) return recent
  const known = Math.min(begins, live.feed.lastSecond + 1)
  return [...(await store.seconds(live.id, { from, to: known })), ...recent]
}

/** The widest seconds of the store that fit into a span. */
const storedSpan = (span: number): 1 | 10 | 60 => (span % 60 === 0 ? 60 : span % 10 === 0 ? 10 : 1)
