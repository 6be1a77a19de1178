import { messageOf, UsageError, type Clock } from '../base/index.ts'
import type { RunSecond } from '../metrics/index.ts'
import { SecondsReader } from './reading/read-seconds.ts'
import { summaryOf } from './reading/replay-run.ts'
import { markOf, runOf, type MarkRow, type RunRow } from './reading/run-rows.ts'
import { openWriter } from './writing/run-writer.ts'
import type { SqlDatabase } from './sql/sql-database.ts'
import { faultOf, tellingFaults, toldAs } from './sql/telling-faults.ts'
import type {
  PruneLimits,
  RunFilter,
  RunStore,
  SecondsWanted,
  StoredRun,
  StoredSecond,
} from './stored-run.ts'

/** A store over a database that is at this version. */
export function storeOver(database: SqlDatabase, clock: Clock): RunStore {
  return new SqlStore(database, clock)
}

class SqlStore implements RunStore {
  /** Tells its own faults; the writer, which tries again, has words of its own for them. */
  readonly #database: SqlDatabase
  readonly #clock: Clock
  readonly begin: RunStore['begin']

  constructor(database: SqlDatabase, clock: Clock) {
    this.#database = tellingFaults(database)
    this.#clock = clock
    this.begin = (run, onTrouble) =>
      toldAs(database.name, openWriter({ database, run, onTrouble, clock }))
  }

  async runs({ tags = {}, limit }: RunFilter = {}): Promise<StoredRun[]> {
    const rows = await this.#database.rows<RunRow>(
      'select * from runs order by started_at_unix_ms desc, id desc',
    )
    const marks = await this.#database.rows<MarkRow>('select * from marks order by run_id, number')
    const byRun = Map.groupBy(marks, mark => mark.run_id)
    const wanted = Object.entries(tags)
    return rows
      .map(row => runOf(row, (byRun.get(row.id) ?? []).map(markOf), this.#clock.nowUnixMs()))
      .filter(run => wanted.every(([key, value]) => run.plan.tags[key] === value))
      .slice(0, limit)
  }

  async find(which: string): Promise<StoredRun> {
    const rows = await this.#database.rows<{ id: string }>(
      'select id from runs order by started_at_unix_ms desc, id desc',
    )
    const id = idOf(
      rows.map(row => row.id),
      which,
    )
    const [row] = await this.#database.rows<RunRow>('select * from runs where id = $1', [id])
    if (row === undefined) throw unknown(`the run ${id} was deleted just now`)
    const marks = await this.#database.rows<MarkRow>(
      'select * from marks where run_id = $1 order by number',
      [id],
    )
    return runOf(row, marks.map(markOf), this.#clock.nowUnixMs())
  }

  async *eachSecond(id: string, wanted: SecondsWanted = {}): AsyncGenerator<StoredSecond> {
    const { from = 0, to = 2 ** 31 - 1, span = 1 } = wanted
    const { name } = this.#database
    const seconds = new SecondsReader(this.#database, id, this.#clock).read(span, { from, to })
    try {
      for await (const one of seconds) {
        yield { ...one, decoded: () => readable(name, id, () => one.decoded()) }
      }
    } catch (cause) {
      throw undecodable(name, id, cause)
    }
  }

  async seconds(id: string, wanted?: SecondsWanted): Promise<RunSecond[]> {
    const seconds: RunSecond[] = []
    for await (const second of this.eachSecond(id, wanted)) seconds.push(second.decoded())
    return seconds
  }

  async summary(id: string) {
    const run = await this.find(id)
    try {
      return await summaryOf(run, this.eachSecond(run.id))
    } catch (cause) {
      throw undecodable(this.#database.name, id, cause)
    }
  }

  async delete(ids: readonly string[]): Promise<number> {
    let count = 0
    for (const id of ids) {
      const gone = await this.#database.transaction(async sql => {
        await sql.rows('delete from seconds where run_id = $1', [id])
        await sql.rows('delete from marks where run_id = $1', [id])
        return sql.rows('delete from runs where id = $1 returning id', [id])
      })
      count += gone.length
    }
    if (count > 0) await this.#database.reclaim()
    return count
  }

  async prune(limits: PruneLimits): Promise<string[]> {
    const ids = superfluous(await this.runs(), limits)
    await this.delete(ids)
    return ids
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}

function readable<T>(name: string, id: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw undecodable(name, id, cause)
  }
}

/** The bytes of a run came back other than they were written. */
function undecodable(name: string, id: string, cause: unknown): UsageError {
  if (cause instanceof UsageError) return cause
  const words = `seconds of the run ${id} cannot be decoded: ${messageOf(cause)}`
  return faultOf(name, new Error(words, { cause }))
}

/** Of ids with the newest first. */
function idOf(ids: readonly string[], which: string): string {
  const [newest] = ids
  if (newest === undefined) throw unknown(`there is no run "${which}": the store is empty`)
  if (which === 'last') return newest
  const matching = ids.includes(which) ? [which] : ids.filter(id => id.startsWith(which))
  const [only] = matching
  if (only !== undefined && matching.length === 1 && which !== '') return only
  const shown = (matching.length > 0 ? matching : ids).slice(0, 5).join(', ')
  const words = matching.length > 0 ? 'several runs begin with' : 'no run is called'
  throw unknown(`${words} "${which}"; the newest are ${shown} (loadstone runs lists all)`)
}

const unknown = (words: string) => new UsageError('RUN_UNKNOWN', words)

/** Runs beyond the limits, the oldest first to go; one that is running stays. */
function superfluous(runs: readonly StoredRun[], limits: PruneLimits): string[] {
  const { startedBeforeUnixMs = 0, storedBytesMax = Infinity } = limits
  let keptBytes = 0
  let isFull = false
  return runs
    .filter(run => {
      if (run.state !== 'running' && run.startedAtUnixMs < startedBeforeUnixMs) return true
      isFull ||= keptBytes + run.storedBytes > storedBytesMax
      if (isFull && run.state !== 'running') return true
      keptBytes += run.storedBytes
      return false
    })
    .map(run => run.id)
}
