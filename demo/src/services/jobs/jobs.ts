import { randomUUID } from 'node:crypto'
import { integerParam, optionalText, textParam } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { JobWorkers } from './workers.ts'

export const jobSettings = {
  /** Reports made at the same time. */
  workers: 3,
  /** How long an idle worker waits before it looks again; a new job of this process wakes it. */
  pollMs: 250,
  /** Jobs that may wait; beyond that a new one is answered 429. */
  queuedMax: 5_000,
  /** Days in a report; each is a query of its own. */
  reportDays: 30,
  /** Pause between two days, so that reports do not crowd out the shop's other queries. */
  pauseMs: 10,
}

export const jobStates = ['queued', 'running', 'completed', 'failed'] as const
export type JobState = (typeof jobStates)[number]

interface JobRow {
  readonly id: string
  readonly kind: string
  readonly status: JobState
  readonly progress: number
  readonly result: unknown
  readonly error: string | null
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

const columns = `id, kind, status, progress, result, error, created_at as "createdAt",
  finished_at as "finishedAt"`

const definition: ServiceDefinition = {
  name: 'jobs',
  settings: serviceSettings({ poolConnectionsMax: 8 }),
  schema: {
    name: 'shop_jobs',
    // A worker that died with its shop leaves a running job behind; it waits again.
    sql: `create table if not exists jobs (
            id text primary key,
            kind text not null,
            status text not null default 'queued',
            progress real not null default 0,
            result jsonb,
            error text,
            created_at timestamptz not null default now(),
            finished_at timestamptz
          );
          create index if not exists waiting on jobs (created_at)
            where status in ('queued', 'running');
          create index if not exists newest on jobs (created_at desc);
          create table if not exists usage_events (
            day int not null,
            endpoint text not null,
            calls int not null
          );
          insert into usage_events
            select n % 30, '/api/v1/endpoint-' || n % 17, n * 7919 % 1000
            from generate_series(1, 15000) as n
            where not exists (select 1 from usage_events);
          create index if not exists by_day on usage_events (day);
          update jobs set status = 'queued', progress = 0 where status = 'running';`,
  },
  open,
}
export default definition

function open({ database, metrics }: ServiceContext): ServiceRoutes {
  const workers = new JobWorkers({ database, settings: jobSettings })
  metrics.gauge({
    name: 'job_queue_depth',
    help: 'Jobs that wait for a worker or are being worked on',
    label: 'status',
    read: async () => {
      const rows = await database.query<{ status: string; count: number }>(
        `select status, count(*)::int as count from jobs
         where status in ('queued', 'running') group by status`,
      )
      const counts = rows.map(row => [row.status, row.count] as const)
      return { queued: 0, running: 0, ...Object.fromEntries(counts) }
    },
  })
  return {
    routes: [
      {
        method: 'POST',
        path: '/reports/usage',
        handle: async request => {
          const answer = await enqueue(request)
          workers.wake()
          return answer
        },
      },
      { method: 'GET', path: '/jobs', handle: list },
      { method: 'GET', path: '/jobs/:id', handle: show },
      { method: 'GET', path: '/jobs/:id/result', handle: showResult },
    ],
    stop: () => workers.stop(),
  }
}

async function enqueue(request: ShopRequest): Promise<Answer> {
  const body = await request.json()
  for (const name of ['start_date', 'end_date']) mustBeDate(optionalText(body, name), name)
  const id = `job-${randomUUID()}`
  const made = await request.query(
    `insert into jobs (id, kind) select $1, 'usage_report'
     where (select count(*) from jobs where status = 'queued') < $2::int returning id`,
    [id, jobSettings.queuedMax],
  )
  if (made.length === 0) {
    throw new Problem(429, 'too many reports wait; ask again later', { 'retry-after': '5' })
  }
  const headers = { location: `/api/v1/jobs/${id}` }
  return { status: 202, body: { job_id: id, id, status: 'queued' }, headers }
}

function mustBeDate(text: string | undefined, name: string): void {
  if (text === undefined || /^\d{4}-\d{2}-\d{2}/.test(text)) return
  throw new Problem(400, `${name} must be a date like 2025-06-01, not ${text}`)
}

async function list(request: ShopRequest): Promise<Answer> {
  const limit = integerParam(request.search, 'limit', { min: 1, max: 100, default: 20 })
  const status = textParam(request.search, 'status')
  if (status !== undefined && !jobStates.some(state => state === status)) {
    throw new Problem(400, `status must be one of ${jobStates.join(', ')}, not ${status}`)
  }
  const rows = await request.query<JobRow>(
    `select ${columns} from jobs where $1::text is null or status = $1
     order by created_at desc limit $2`,
    [status ?? null, limit],
  )
  return { status: 200, body: { jobs: rows.map(shown), limit } }
}

async function show(request: ShopRequest): Promise<Answer> {
  return { status: 200, body: shown(await jobOf(request)) }
}

/** The report once it is there; before, only how far it is. */
async function showResult(request: ShopRequest): Promise<Answer> {
  const job = await jobOf(request)
  return { status: 200, body: { ...shown(job), result: job.result } }
}

async function jobOf(request: ShopRequest): Promise<JobRow> {
  const id = request.param('id')
  const [job] = await request.query<JobRow>(`select ${columns} from jobs where id = $1`, [id])
  if (!job) throw new Problem(404, `there is no job ${id}`)
  return job
}

function shown({ id, kind, status, progress, error, createdAt, finishedAt }: JobRow): object {
  const at = { created_at: createdAt, finished_at: finishedAt }
  return { id, job_id: id, kind, status, progress, error, ...at }
}
