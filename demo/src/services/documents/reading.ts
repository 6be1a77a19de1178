import { integerParam, textParam } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'

const documentStates = ['queued', 'processing', 'completed', 'failed'] as const

interface DocumentRow {
  readonly id: string
  readonly file_id: string
  readonly pipeline: string
  readonly status: (typeof documentStates)[number]
  readonly inspection: object
  readonly result: object | null
  readonly error: string | null
  readonly created_at: Date
  readonly finished_at: Date | null
}

const columns = `id, file_id, pipeline, status, inspection, error, created_at, finished_at`

/** GET /documents?status&limit, the newest first, without their thumbnails. */
export async function list(request: ShopRequest): Promise<Answer> {
  const limit = integerParam(request.search, 'limit', { min: 1, max: 100, default: 20 })
  const status = textParam(request.search, 'status')
  if (status !== undefined && !documentStates.some(state => state === status)) {
    throw new Problem(400, `status must be one of ${documentStates.join(', ')}, not ${status}`)
  }
  const rows = await request.query<DocumentRow>(
    `select ${columns}, result - 'thumbnail' as result from documents
     where $1::text is null or status = $1
     order by created_at desc limit $2`,
    [status ?? null, limit],
  )
  return { status: 200, body: { documents: rows.map(shown), limit } }
}

export async function show(request: ShopRequest): Promise<Answer> {
  const id = request.param('id')
  const [row] = await request.query<DocumentRow>(
    `select ${columns}, result from documents where id = $1`,
    [id],
  )
  if (!row) throw new Problem(404, `there is no document ${id}`)
  return { status: 200, body: shown(row) }
}

function shown(row: DocumentRow): object {
  return { ...row, document_id: row.id }
}
