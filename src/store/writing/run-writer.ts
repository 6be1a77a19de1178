import { hostname } from 'node:os'
import { deflateRawSync } from 'node:zlib'
import { messageOf, pause, type Clock } from '../../base/index.ts'
import {
  encodeSecond,
  Histogram,
  secondOf,
  type RunSecond,
  type RunSummary,
  type WindowData,
} from '../../metrics/index.ts'
import { withoutSecrets } from './redact-run.ts'
import { SpanKeeper, type SpanRow } from './span-keeper.ts'
import type { Sql, SqlDatabase } from '../sql/sql-database.ts'
import type { Mark, NewRun, RunWriter, StoredEnd } from '../stored-run.ts'
import { toJson } from '../stored-json.ts'
import { WriteQueue } from './write-queue.ts'

/** A store that is stuck does not keep the run's end waiting for longer. */
const endPatienceUs = 10_000_000

export interface WriterOptions {
  readonly database: SqlDatabase
  readonly run: NewRun
  readonly onTrouble: (message: string) => void
  readonly clock: Clock
}

/** Begins to store a run. Every second is committed by itself. */
export async function openWriter(options: WriterOptions): Promise<RunWriter> {
  const { database, run, clock } = options
  await database.transaction(sql =>
    sql.rows(
      `insert into runs (id, started_at_unix_ms, started, writer_host, writer_pid,
         written_at_unix_ms, seconds, stored_bytes, requests, failures, drops)
       values ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0)`,
      [
        ...[run.id, Math.round(run.startedAtUnixMs)],
        toJson({ ...run, plan: withoutSecrets(run.plan) }),
        ...[hostname(), process.pid, Math.round(clock.nowUnixMs())],
      ],
    ),
  )
  return new Writer(options)
}

class Writer implements RunWriter {
  readonly #options: WriterOptions
  readonly #queue: WriteQueue
  readonly #spans: SpanKeeper
  readonly #warmUpSeconds: number
  #marks = 0
  #seconds = 0

  constructor(options: WriterOptions) {
    const { database, onTrouble, run, clock } = options
    this.#options = options
    this.#queue = new WriteQueue(database, onTrouble)
    this.#spans = new SpanKeeper({
      clock,
      write: row => this.#writeSpan(row),
      onFault: reason => this.#queue.lose(reason),
    })
    this.#warmUpSeconds = Math.ceil(run.plan.warmUpUs / 1_000_000)
  }

  started(startAtUnixMs: number): void {
    const values = [this.#options.run.id, Math.round(startAtUnixMs)]
    this.#queue.add(100, async sql => {
      await sql.rows('update runs set started_at_unix_ms = $2 where id = $1', values)
    })
  }

  append(second: RunSecond): void {
    this.#safely(() => {
      this.#seconds = second.index + 1
      this.#write({ span: 1, first: second.index, data: packed(second) }, this.#countsOf(second))
      this.#spans.add(second)
    })
  }

  amend(window: WindowData): void {
    this.#safely(() => {
      const second = secondOf([window])
      const { index } = second
      this.#spans.spoil(index)
      const row = { span: lateSpan(window.worker), first: index, data: packed(second) }
      this.#write(row, this.#countsOf(second), sql =>
        // Whoever reads makes them again.
        sql.rows(
          `delete from seconds where run_id = $1
             and ((span = 10 and first = $2) or (span = 60 and first = $3))`,
          [this.#options.run.id, index - (index % 10), index - (index % 60)],
        ),
      )
    })
  }

  mark({ atUs, kind, text }: Mark): void {
    this.#marks += 1
    const values = [this.#options.run.id, this.#marks, Math.round(atUs), kind, text]
    this.#queue.add(200 + text.length, async sql => {
      await sql.rows(
        `insert into marks (run_id, number, at_us, kind, text) values ($1, $2, $3, $4, $5)`,
        values,
      )
    })
  }

  async end(summary: RunSummary, verdict: string): Promise<void> {
    await this.#withPatience(this.#spans.end())
    const { latency, ...ended } = endOf(summary, verdict)
    const { requests, failures, drops } = summary.totals
    const values = [this.#options.run.id, requests, failures, drops, summary.timeline.length]
    this.#queue.addLast(async (sql, lost) => {
      const warnings = [...ended.warnings, ...lostWarning(lost)]
      await sql.rows(
        `update runs set requests = $2, failures = $3, drops = $4, seconds = $5, ended = $6,
           latency = $7 where id = $1`,
        [...values, toJson({ ...ended, warnings }), latency],
      )
    })
    await this.#withPatience(this.#queue.end())
    this.#queue.giveUp()
  }

  /** Resolves when the work is done, or takes too long. */
  async #withPatience(work: Promise<void>): Promise<void> {
    const patience = new AbortController()
    const done = work.finally(() => patience.abort())
    await Promise.race([done, pause(this.#options.clock, endPatienceUs, patience.signal)])
  }

  #countsOf(second: RunSecond): Counts {
    if (second.index < this.#warmUpSeconds) return { requests: 0, failures: 0, drops: 0 }
    const requests = second.series.filter(({ kind }) => kind === 'request')
    const failed = requests.filter(({ outcome }) => outcome === 'failed')
    const count = (list: readonly { readonly count: number }[]) => sum(list.map(one => one.count))
    const drops = sum(second.scenarios.flatMap(one => Object.values(one.drops)))
    return { requests: count(requests), failures: count(failed), drops }
  }

  /** With `also` in one transaction: a reader sees a second whole or not at all. */
  #write(row: SpanRow, counts: Counts, also?: (sql: Sql) => Promise<unknown>): void {
    const { run, clock } = this.#options
    const { requests, failures, drops } = counts
    const values = [this.#seconds, row.data.length, requests, failures, drops]
    this.#queue.add(row.data.length, async sql => {
      await insertSecond(sql, run.id, row)
      await also?.(sql)
      await sql.rows(
        `update runs set seconds = $2, stored_bytes = stored_bytes + $3,
           requests = requests + $4, failures = failures + $5, drops = drops + $6,
           written_at_unix_ms = $7 where id = $1`,
        [run.id, ...values, Math.round(clock.nowUnixMs())],
      )
    })
  }

  #writeSpan(row: SpanRow): void {
    const { id } = this.#options.run
    this.#queue.addSpare(row.data.length, async sql => {
      await insertSecond(sql, id, row)
      await sql.rows('update runs set stored_bytes = stored_bytes + $2 where id = $1', [
        ...[id, row.data.length],
      ])
    })
  }

  /** A run does not end because its store does not work. */
  #safely(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#queue.lose(messageOf(error))
    }
  }
}

interface Counts {
  readonly requests: number
  readonly failures: number
  readonly drops: number
}

/** What worker n delivered late has the span -1 - n: each worker delivers a second once. */
const lateSpan = (worker: number): number => -1 - worker

const packed = (second: RunSecond): Uint8Array => deflateRawSync(encodeSecond(second))

async function insertSecond(sql: Sql, runId: string, { span, first, data }: SpanRow) {
  await sql.rows('insert into seconds (run_id, span, first, data) values ($1, $2, $3, $4)', [
    ...[runId, span, first, data],
  ])
}

function lostWarning(lost: number): string[] {
  if (lost === 0) return []
  return [`The store lost ${lost} entries of this run: seconds or marks are missing.`]
}

function endOf(summary: RunSummary, verdict: string): StoredEnd {
  const { run, thresholds, validity, warnings, scriptErrors, baseline } = summary
  const { eventLoopUtilization, workers, keptDropped } = validity
  const requests = summary.series.filter(series => series.kind === 'request')
  const latency = Histogram.merged(
    requests.flatMap(({ ok, failed }) => [ok.latency, failed.latency]),
  )
  return {
    facts: run,
    verdict,
    thresholds,
    valid: validity.valid,
    invalidReasons: validity.reasons,
    generator: { eventLoopUtilization, workers, keptDropped },
    warnings,
    scriptErrors,
    ...(baseline && { baseline }),
    latency: latency.encode(),
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
