import type { Peers } from '../../kit/calls/peers.ts'
import type { Database } from '../../kit/data/database.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { WorkContext } from '../../kit/queue/consumer.ts'
import { Postponed, Unworkable, type Message } from '../../kit/queue/message.ts'
import type { MessageQueue } from '../../kit/queue/queue.ts'
import type { ProcessedDocument } from './functions/document-work.ts'
import type { FunctionRuntime } from './functions/runtime.ts'
import { postWebhook } from './webhook.ts'

export const documentTopic = 'documents'
export const webhookTopic = 'document-webhooks'

export interface DocumentMessage {
  readonly documentId: string
}

interface DocumentRow {
  readonly fileId: string
  readonly pipeline: string
  readonly webhook: string | null
  readonly status: string
  readonly error: string | null
  readonly result: unknown
}

interface DocumentWorkSettings {
  readonly retryPauseMs: number
  readonly webhookTimeoutMs: number
  readonly documentsKeptMax: number
}

type Work = Message<DocumentMessage>

/** What the consumers do: the processing, and telling whoever wants to be told. */
export class DocumentWork {
  readonly #database: Database
  readonly #peers: Peers
  readonly #functions: FunctionRuntime
  readonly #queue: MessageQueue
  readonly #settings: DocumentWorkSettings

  constructor(options: {
    readonly database: Database
    readonly peers: Peers
    readonly functions: FunctionRuntime
    readonly queue: MessageQueue
    readonly settings: DocumentWorkSettings
  }) {
    this.#database = options.database
    this.#peers = options.peers
    this.#functions = options.functions
    this.#queue = options.queue
    this.#settings = options.settings
  }

  /** Fetches the file and runs the function over it; doing it twice gives the same. */
  async process(message: Work, { span }: WorkContext): Promise<void> {
    const { documentId } = message.payload
    const { query } = this.#database.below(span)
    const [document] = await query<{ fileId: string }>(
      `update documents set status = 'processing' where id = $1 returning file_id as "fileId"`,
      [documentId],
    )
    if (!document) throw new Unworkable(`there is no document ${documentId}`)
    const file = await this.#fileOf(document.fileId, message, span)
    const result = await this.#run(file, span)
    await query(
      `update documents set status = 'completed', result = $2, error = null, finished_at = now()
       where id = $1`,
      [documentId, JSON.stringify(result)],
    )
    await this.#announce(documentId, message.trace)
    await query(
      `delete from documents where finished_at is not null and created_at < (
         select created_at from documents order by created_at desc offset $1 limit 1
       )`,
      [this.#settings.documentsKeptMax],
    )
  }

  /** Says why there will be no result. */
  async giveUp(documentId: string, reason: string): Promise<void> {
    await this.#database.query(
      `update documents set status = 'failed', error = $2, finished_at = now() where id = $1`,
      [documentId, reason],
    )
    await this.#announce(documentId, {})
  }

  /** Posts what became of a document to its webhook. */
  async tell({ payload, trace }: Work, { span }: WorkContext): Promise<void> {
    const [document] = await this.#database.below(span).query<DocumentRow>(
      `select file_id as "fileId", pipeline, webhook, status, error, result
       from documents where id = $1`,
      [payload.documentId],
    )
    if (document === undefined || document.webhook === null) return
    const { webhook, fileId, ...told } = document
    const body = { id: payload.documentId, file_id: fileId, ...told }
    const headers = { ...trace }
    // Who is signed in is the shop's own business.
    delete headers['x-user-id']
    span.inject(headers)
    await postWebhook(webhook, body, { timeoutMs: this.#settings.webhookTimeoutMs, headers })
  }

  async #fileOf(fileId: string, { trace }: Work, span: WorkContext['span']): Promise<Buffer> {
    const path = `/files/${encodeURIComponent(fileId)}`
    const call = { peer: 'storage', method: 'GET', path, headers: trace, parent: span }
    const { status, body } = await this.#peers.send(call)
    if (status === 200) return body
    if (status === 404) throw new Unworkable(`the file ${fileId} is not kept any more`)
    throw new Problem(502, `storage answered ${status}`)
  }

  /** A platform that throttles is asked again later, for as long as it takes. */
  async #run(file: Buffer, span: WorkContext['span']): Promise<ProcessedDocument> {
    try {
      return await this.#functions.invoke('process-document', file, span)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 429) throw error
      throw new Postponed(error.message, this.#settings.retryPauseMs)
    }
  }

  /** A queue of its own: a webhook that is slow or away does not hold up the processing. */
  async #announce(documentId: string, trace: Readonly<Record<string, string>>): Promise<void> {
    const wanted = await this.#database.query(
      'select 1 from documents where id = $1 and webhook is not null',
      [documentId],
    )
    if (wanted.length === 0) return
    const payload: DocumentMessage = { documentId }
    await this.#queue.enqueue({ topic: webhookTopic, payload, trace })
  }
}
