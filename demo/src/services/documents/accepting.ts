import { randomUUID } from 'node:crypto'
import { optionalText, textField } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import type { MessageQueue } from '../../kit/queue/queue.ts'
import type { FunctionRuntime } from './functions/runtime.ts'
import { documentTopic, type DocumentMessage } from './processing.ts'
import { readWebhook, type Webhook } from './webhook.ts'

/** So much of a file is looked at before it is accepted. */
const headBytes = 4_096

/**
 * POST {file_id, pipeline, notify_webhook}: has a function look at the head of the file at once,
 * and puts the rest into the queue. 404 for a file that the storage does not have.
 */
export async function accept(
  request: ShopRequest,
  through: { readonly functions: FunctionRuntime; readonly queue: MessageQueue },
): Promise<Answer> {
  const { functions, queue } = through
  const body = await request.json()
  const fileId = nameField(textField(body, ['file_id', 'fileId']), 'file_id')
  const pipeline = nameField(optionalText(body, 'pipeline') ?? 'standard', 'pipeline')
  const webhook = readWebhook(optionalText(body, ['notify_webhook', 'notifyWebhook']))
  const path = `/files/${encodeURIComponent(fileId)}?first_bytes=${headBytes}`
  const head = await request.call({ peer: 'storage', method: 'GET', path })
  const inspection = await functions.invoke('inspect-document', head.body, request.span)
  const documentId = `doc-${randomUUID()}`
  const payload: DocumentMessage = { documentId }
  const url = webhook.kind === 'accepted' ? webhook.url : null
  await request.produce(documentTopic, trace =>
    request.transaction(async query => {
      await query(
        `insert into documents (id, file_id, pipeline, webhook, inspection)
         values ($1, $2, $3, $4, $5)`,
        [documentId, fileId, pipeline, url, JSON.stringify(inspection)],
      )
      await queue.enqueueWithin(query, { topic: documentTopic, payload, trace })
    }),
  )
  queue.wake(documentTopic)
  const made = { document_id: documentId, id: documentId, file_id: fileId, pipeline }
  const seen = { status: 'queued', format: inspection.format, webhook: shownWebhook(webhook) }
  const headers = { location: `/api/v1/documents/${documentId}` }
  return { status: 202, body: { ...made, ...seen }, headers }
}

function shownWebhook(webhook: Webhook): object | undefined {
  if (webhook.kind === 'none') return undefined
  const { kind } = webhook
  return kind === 'ignored' ? { status: kind, reason: webhook.reason } : { status: kind }
}

function nameField(text: string, name: string): string {
  if (/^[\w.:-]{1,100}$/.test(text)) return text
  throw new Problem(400, `${name} must be letters, digits, '.', ':', '_' and '-', not ${text}`)
}
