import { hostname } from 'node:os'
import { deflateRawSync } from 'node:zlib'
import { clockFromNow, messageOf, pause } from '../../base/index.ts'
import { encodeSecond, Histogram, type RunSecond, type RunSummary } from '../../metrics/index.ts'
import { withoutSecrets } from './redact-run.ts'
import { SpanMerger } from './span-merger.ts'
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
  readonly nowUnixMs: () => number
}

/** Begins to store a run. Every second is committed by itself. */
export async function openWriter(options: WriterOptions): Promise<RunWriter> {
  const { database, run, nowUnixMs } = options
  await database.transaction(sql =>
    sql.rows(
      `insert into runs (id, started_at_unix_ms, started, writer_host, writer_pid,
         written_at_unix_ms, seconds, stored_bytes, requests, failures, drops)
       values ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0)`,
      [
        ...[run.id, Math.round(run.startedAtUnixMs)],
        toJson({ ...run, plan: withoutSecrets(run.plan) }),
        ...[hostname(), process.pid, Math.round(nowUnixMs())],
      ],
    ),
  )
  return new Writer(options)
}

class Writer implements RunWriter {
  readonly #options: WriterOptions
  readonly #queue: WriteQueue
  readonly #tens = new SpanMerger(10)
  readonly #minutes = new SpanMerger(60)
  readonly #warmUpSeconds: number
  #marks = 0

  constructor(options: WriterOptions) {
    const { database, onTrouble, run } = options
    this.#options = options
    this.#queue = new WriteQueue(database, onTrouble)
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
      const tens = this.#tens.add(second)
      const minutes = tens.flatMap(ten => this.#minutes.add(ten))
      const rows = [
        ...[second].map(one => rowOf(1, one)),
        ...tens.map(one => rowOf(10, one)),
        ...minutes.map(one => rowOf(60, one)),
      ]
      this.#write(rows, second.index + 1, this.#countsOf(second))
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
    this.#safely(() => {
      const tens = this.#tens.take()
      const minutes = [...tens.flatMap(ten => this.#minutes.add(ten)), ...this.#minutes.take()]
      const rows = [...tens.map(one => rowOf(10, one)), ...minutes.map(one => rowOf(60, one))]
      this.#write(rows, summary.timeline.length, undefined)
    })
    const { latency, ...ended } = endOf(summary, verdict)
    const { requests, failures, drops } = summary.totals
    const values = [this.#options.run.id, requests, failures, drops]
    this.#queue.add(latency.length, async (sql, lost) => {
      const warnings = [...ended.warnings, ...lostWarning(lost)]
      await sql.rows(
        `update runs set requests = $2, failures = $3, drops = $4, ended = $5, latency = $6
         where id = $1`,
        [...values, toJson({ ...ended, warnings }), latency],
      )
    })
    await this.#endQueue()
  }

  async #endQueue(): Promise<void> {
    const patience = new AbortController()
    const clock = clockFromNow()
    const written = this.#queue.end().finally(() => patience.abort())
    await Promise.race([written, pause(clock, endPatienceUs, patience.signal)])
    this.#queue.giveUp()
  }

  #countsOf(second: RunSecond): Counts {
    if (second.index < this.#warmUpSeconds) return { requests: 0, failures: 0, drops: 0 }
    const requests = second.series.filter(({ kind }) => kind === 'request')
    const failed = requests.filter(({ outcome }) => outcome === 'failed')
    const count = (list: readonly { readonly count: number }[]) => sum(list.map(one => one.count))
    const drops = sum(second.scenarios.flatMap(one => Object.values(one.drops)))
    return { requests: count(requests), failures: count(failed), drops }
  }

  /** One transaction: a reader sees a second whole or not at all. */
  #write(rows: readonly SecondRow[], seconds: number, counts: Counts = noCounts): void {
    const { run, nowUnixMs } = this.#options
    const bytes = sum(rows.map(({ data }) => data.length))
    const values = [run.id, seconds, bytes, counts.requests, counts.failures, counts.drops]
    this.#queue.add(bytes, async sql => {
      for (const row of rows) await insertSecond(sql, run.id, row)
      await sql.rows(
        `update runs set seconds = $2, stored_bytes = stored_bytes + $3,
           requests = requests + $4, failures = failures + $5, drops = drops + $6,
           written_at_unix_ms = $7 where id = $1`,
        [...values, Math.round(nowUnixMs())],
      )
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

const noCounts: Counts = { requests: 0, failures: 0, drops: 0 }

interface SecondRow {
  readonly span: number
  readonly first: number
  readonly data: Uint8Array
}

function rowOf(span: number, second: RunSecond): SecondRow {
  const first = second.index - (second.index % span)
  return { span, first, data: deflateRawSync(encodeSecond(second)) }
}

async function insertSecond(sql: Sql, runId: string, { span, first, data }: SecondRow) {
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
    warnings,
    scriptErrors,
    ...(baseline && { baseline }),
    latency: latency.encode(),
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
