import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import { Breather, type Clock } from '../../base/index.ts'
import {
  amendedSecond,
  decodeSecond,
  encodeSecond,
  mergingSeconds,
  type RunSecond,
} from '../../metrics/index.ts'
import type { SqlDatabase } from '../sql/sql-database.ts'
import type { Span, StoredSecond } from '../stored-run.ts'
import { asSpan, SpanGroups } from '../writing/spans.ts'

/** Rows that are read at a time: an hour in one piece would hold the thread, and the memory. */
const rowsAtATime = 50

const inflated = promisify(inflateRaw)

/** Whole seconds since run start: [from, to). */
interface Stretch {
  readonly from: number
  readonly to: number
}

interface Row {
  readonly first: number
  readonly data: Uint8Array
}

/** Reads the seconds of one run, a few milliseconds at a time. */
export class SecondsReader {
  readonly #database: SqlDatabase
  readonly #runId: string
  readonly #breather: Breather

  constructor(database: SqlDatabase, runId: string, clock: Clock) {
    this.#database = database
    this.#runId = runId
    this.#breather = new Breather(clock)
  }

  /**
   * Everything of the stretch, in order, in spans that begin at multiples of `span`; cut to the
   * stretch to the second. What is not stored in spans this wide is made from narrower ones: the
   * ends of the stretch, the newest seconds of a run that goes on, spans that were amended.
   */
  async *read(span: Span, { from, to }: Stretch): AsyncGenerator<StoredSecond> {
    if (span === 1) {
      yield* this.#measured({ from, to })
      return
    }
    let next = from
    for await (const { first, data } of this.#rows(span, { from, to: to - span + 1 })) {
      if (first > next) yield* this.#made(span, { from: next, to: first })
      yield storedSecond(first, data)
      next = first + span
    }
    if (next < to) yield* this.#made(span, { from: next, to })
  }

  async *#made(span: 10 | 60, stretch: Stretch): AsyncGenerator<StoredSecond> {
    const groups = new SpanGroups(span)
    for await (const one of this.read(span === 60 ? 10 : 1, stretch)) {
      for (const group of groups.add(one.decoded())) yield await this.#spanOf(group)
    }
    for (const group of groups.take()) yield await this.#spanOf(group)
  }

  async #spanOf(seconds: readonly RunSecond[]): Promise<StoredSecond> {
    return madeSecond(asSpan(await this.#breather.work(mergingSeconds(seconds))))
  }

  /** Each second with what came of it later. */
  async *#measured(stretch: Stretch): AsyncGenerator<StoredSecond> {
    const late = await this.#late(stretch)
    const waiting = [...late.keys()]
    for await (const { first, data } of this.#rows(1, stretch)) {
      // Nobody delivered such a second in time.
      while ((waiting[0] ?? first) < first) yield lateSecond(late.get(waiting.shift()!)!)
      if (waiting[0] !== first) yield storedSecond(first, data)
      else yield lateSecond([decodeSecond(data), ...late.get(waiting.shift()!)!])
    }
    for (const first of waiting) yield lateSecond(late.get(first)!)
  }

  /** What came late, by second, in order. */
  async #late({ from, to }: Stretch): Promise<Map<number, RunSecond[]>> {
    const rows = await this.#database.rows<Row>(
      `select first, data from seconds
       where run_id = $1 and span < 0 and first >= $2 and first < $3 order by first, span desc`,
      [this.#runId, from, to],
    )
    const late = new Map<number, RunSecond[]>()
    for (const { first, data } of await Promise.all(rows.map(unpack))) {
      const second = decodeSecond(data)
      late.set(first, [...(late.get(first) ?? []), second])
    }
    return late
  }

  async *#rows(span: Span, { from, to }: Stretch): AsyncGenerator<Row> {
    for (let next = from; ;) {
      const rows = await this.#database.rows<Row>(
        `select first, data from seconds
         where run_id = $1 and span = $2 and first >= $3 and first < $4 order by first limit $5`,
        [this.#runId, span, next, to, rowsAtATime],
      )
      const unpacked = await Promise.all(rows.map(unpack))
      for (const { first, data } of unpacked) {
        yield { first, data }
        next = first + span
        if (this.#breather.due) await this.#breather.rest()
      }
      if (rows.length < rowsAtATime) return
    }
  }
}

async function unpack({ first, data }: Row): Promise<Row> {
  const { buffer, byteOffset, length } = await inflated(data)
  return { first, data: new Uint8Array(buffer, byteOffset, length) }
}

const storedSecond = (first: number, encoded: Uint8Array): StoredSecond => ({
  ...{ first, encoded: () => encoded, decoded: () => decodeSecond(encoded) },
})

const madeSecond = (second: RunSecond): StoredSecond => ({
  ...{ first: second.index, encoded: () => encodeSecond(second), decoded: () => second },
})

function lateSecond([first, ...others]: readonly RunSecond[]): StoredSecond {
  return madeSecond(amendedSecond(first!, others))
}
