import { Breather, UsageError } from '../../base/index.ts'
import { decodeSecond, encodeSecond, mergingSeconds, type RunSecond } from '../../metrics/index.ts'
import { asSpan, type StoredRun, type StoredSecond } from '../../store/index.ts'
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

interface Wanted {
  readonly from: number
  readonly to: number
  readonly span: number
}

/**
 * Encoded seconds of [from, to), every `span` of them merged into one: spans begin at multiples of
 * it. Read and merged as they are taken, a few milliseconds at a time: a run may be under way here.
 */
export async function* secondsOf(
  context: DashboardContext,
  run: FoundRun,
  wanted: Wanted,
): AsyncGenerator<Uint8Array> {
  const { span } = wanted
  const breather = new Breather(context.clock)
  const spanOf = ({ first }: StoredSecond) => Math.floor(first / span)
  let open: StoredSecond[] = []
  for await (const one of eachSecond(context, run, wanted)) {
    if (open[0] !== undefined && spanOf(open[0]) !== spanOf(one)) {
      yield await asOne(open, breather)
      open = []
    }
    open.push(one)
  }
  if (open.length > 0) yield await asOne(open, breather)
}

async function asOne(group: readonly StoredSecond[], breather: Breather): Promise<Uint8Array> {
  const [only] = group
  if (only !== undefined && group.length === 1) return only.encoded()
  const decoded: RunSecond[] = []
  for (const one of group) {
    decoded.push(one.decoded())
    if (breather.due) await breather.rest()
  }
  return encodeSecond(asSpan(await breather.work(mergingSeconds(decoded))))
}

async function* eachSecond(
  { store }: DashboardContext,
  { live, stored }: FoundRun,
  { from, to, span }: Wanted,
): AsyncGenerator<StoredSecond> {
  const merged = storedSpan(span)
  if (live === undefined) {
    if (store !== undefined) yield* store.eachSecond(stored.id, { from, to, span: merged })
    return
  }
  // The store writes a moment later than the run tells: what is newest is in memory.
  const recent = live.feed.inMemory(from, to)
  const begins = Math.min(recent[0]?.second ?? to, live.feed.lastSecond + 1)
  if (store !== undefined && begins > from) {
    yield* store.eachSecond(live.id, { from, to: begins, span: merged })
  }
  for (const { second, encoded } of recent) {
    yield { first: second, encoded: () => encoded, decoded: () => decodeSecond(encoded) }
  }
}

/** The widest seconds of the store that fit into a span. */
const storedSpan = (span: number): 1 | 10 | 60 => (span % 60 === 0 ? 60 : span % 10 === 0 ? 10 : 1)
