import type { Database } from '../../kit/data/database.ts'
import { integerParam, textParam } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'

const jobStates = ['queued', 'running', 'completed', 'failed'] as const
type JobState = (typeof jobStates)[number]

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

export async function list(request: ShopRequest): Promise<Answer> {
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

export async function show(request: ShopRequest): Promise<Answer> {
  return { status: 200, body: shown(await jobOf(request)) }
}

/** The report once it is there; before, only how far it is; the reason when it failed. */
export async function showResult(request: ShopRequest): Promise<Answer> {
  const job = await jobOf(request)
  return { status: 200, body: { ...shown(job), result: job.result } }
}

/** Jobs that are not finished; no numbers at all while the database does not answer. */
export async function depthByStatus(database: Database): Promise<Record<string, number>> {
  try {
    const rows = await database.query<{ status: string; count: number }>(
      `select status, count(*)::int as count from jobs
       where status in ('queued', 'running') group by status`,
    )
    const counts = rows.map(row => [row.status, row.count] as const)
    return { queued: 0, running: 0, ...Object.fromEntries(counts) }
  } catch (error) {
    if (error instanceof Problem) return {}
    throw error
  }
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
