import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Statements } from '../../kit/data/database.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { MessageQueue } from '../../kit/queue/queue.ts'
import { daysOf, readRange, type ReportRange } from './report-range.ts'

export const reportTopic = 'usage-reports'

export interface ReportJob extends ReportRange {
  readonly jobId: string
}

interface ReportSettings {
  readonly reportDays: number
  readonly dayPauseMs: number
  readonly comparedEvents: number
  readonly jobsKeptMax: number
}

/** The job and its message come into being together, or not at all. */
export async function askForReport(request: ShopRequest, queue: MessageQueue): Promise<Answer> {
  const range = readRange(await request.json())
  const jobId = `job-${randomUUID()}`
  const payload: ReportJob = { jobId, ...range }
  await request.produce(reportTopic, trace =>
    request.transaction(async query => {
      await query(`insert into jobs (id, kind) values ($1, 'usage_report')`, [jobId])
      await queue.enqueueWithin(query, { topic: reportTopic, payload, partitionKey: jobId, trace })
    }),
  )
  queue.wake(reportTopic)
  const headers = { location: `/api/v1/jobs/${jobId}` }
  return { status: 202, body: { job_id: jobId, id: jobId, status: 'queued' }, headers }
}

/**
 * The events of each day summed up, one query a day, the progress kept. A report that was begun by
 * a worker that died is begun again.
 */
export async function makeReport(
  { jobId, ...range }: ReportJob,
  options: {
    readonly database: Statements
    readonly settings: ReportSettings
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { database, settings, signal } = options
  await keepProgress(database, jobId, 0)
  const dayNumbers = daysOf(range, settings.reportDays)
  if (dayNumbers.length === 0) {
    const reason = `end_date ${range.endDate} lies before start_date ${range.startDate}`
    return failReport(jobId, { database, reason })
  }
  const days: object[] = []
  for (const [index, day] of dayNumbers.entries()) {
    days.push({ day: index, ...(await sumOf(database, day)) })
    await compareEvents(database, day, settings.comparedEvents)
    if (index % 10 === 9) await keepProgress(database, jobId, (index + 1) / dayNumbers.length)
    await delay(settings.dayPauseMs, undefined, { signal })
  }
  await database.query(
    `update jobs set status = 'completed', progress = 1, result = $2, finished_at = now()
     where id = $1`,
    [jobId, JSON.stringify({ days })],
  )
  await dropOldJobs(database, settings.jobsKeptMax)
}

/** Says why there will be no report. */
export async function failReport(
  jobId: string,
  options: { readonly database: Statements; readonly reason: string },
): Promise<void> {
  await options.database.query(
    `update jobs set status = 'failed', error = $2, finished_at = now() where id = $1`,
    [jobId, options.reason],
  )
}

/** Thirty days of events stand for all: a day has those of the same place in the month of 30. */
async function sumOf(database: Statements, day: number): Promise<object> {
  const [sum] = await database.query<{ calls: number; endpoints: number }>(
    `select coalesce(sum(calls), 0)::int as calls, count(distinct endpoint)::int as endpoints
     from usage_events where day = $1`,
    [dayOfMonth(day)],
  )
  return { ...sum }
}

/** How often an event of the day had more calls than another: a join that no index helps. */
async function compareEvents(database: Statements, day: number, events: number): Promise<void> {
  if (events <= 0) return
  await database.query(
    `select count(*) from (select calls from usage_events where day = $1 limit $2) as one
       join usage_events as other on other.day = $1 and other.calls < one.calls`,
    [dayOfMonth(day), events],
  )
}

const dayOfMonth = (day: number) => ((day % 30) + 30) % 30

async function keepProgress(
  database: Statements,
  jobId: string,
  progressRatio: number,
): Promise<void> {
  await database.query(`update jobs set status = 'running', progress = $2 where id = $1`, [
    ...[jobId, progressRatio],
  ])
}

async function dropOldJobs(database: Statements, keptMax: number): Promise<void> {
  await database.query(
    `delete from jobs where finished_at is not null and created_at < (
       select created_at from jobs order by created_at desc offset $1 limit 1
     )`,
    [keptMax],
  )
}
