import { hostname } from 'node:os'
import { fromJson } from '../stored-json.ts'
import type { Mark, NewRun, RunState, StoredEnd, StoredRun } from '../stored-run.ts'

/**
 * Who wrote nothing for so long is gone: longer than loading a script, setup and teardown may take,
 * in which no seconds come.
 */
const silentMsMax = 5 * 60_000

/** A row of the table runs; whole numbers of 64 bits come as text from PostgreSQL. */
export interface RunRow {
  readonly id: string
  readonly started_at_unix_ms: number | string
  readonly started: string
  readonly ended: string | null
  readonly latency: Uint8Array | null
  readonly writer_host: string
  readonly writer_pid: number
  readonly written_at_unix_ms: number | string
  readonly seconds: number
  readonly stored_bytes: number | string
  readonly requests: number | string
  readonly failures: number | string
  readonly drops: number | string
}

export interface MarkRow {
  readonly run_id: string
  readonly at_us: number | string
  readonly kind: Mark['kind']
  readonly text: string
}

export function markOf({ at_us: atUs, kind, text }: MarkRow): Mark {
  return { atUs: Number(atUs), kind, text }
}

export function runOf(row: RunRow, marks: readonly Mark[], nowUnixMs: number): StoredRun {
  const ended = row.ended === null ? undefined : (fromJson(row.ended) as StoredEnd)
  const latency = new Uint8Array(row.latency ?? [])
  return {
    ...(fromJson(row.started) as NewRun),
    startedAtUnixMs: Number(row.started_at_unix_ms),
    state: stateOf(row, ended, nowUnixMs),
    ...(ended && { end: { ...ended, latency } }),
    marks,
    requests: Number(row.requests),
    failures: Number(row.failures),
    drops: Number(row.drops),
    writtenAtUnixMs: Number(row.written_at_unix_ms),
    seconds: row.seconds,
    storedBytes: Number(row.stored_bytes),
  }
}

function stateOf(row: RunRow, ended: StoredEnd | undefined, nowUnixMs: number): RunState {
  if (ended) return ended.facts.endState
  if (nowUnixMs - Number(row.written_at_unix_ms) > silentMsMax) return 'crashed'
  return row.writer_host !== hostname() || isAlive(row.writer_pid) ? 'running' : 'crashed'
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, but belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
