import { QueueConsumer } from '../../kit/queue/consumer.ts'
import { MessageQueue } from '../../kit/queue/queue.ts'
import { queueSettings } from '../../kit/queue/queue-settings.ts'
import { queueTableSql } from '../../kit/queue/queue-table.ts'
import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { accept } from './accepting.ts'
import { FunctionRuntime } from './functions/runtime.ts'
import { list, show } from './reading.ts'
import { documentTopic, DocumentWork, webhookTopic, type DocumentMessage } from './processing.ts'

export const documentSettings = serviceSettings(
  // Files come whole from the storage: as large as an upload may be.
  { poolConnectionsMax: 6, callTimeoutMs: 5_000 },
  {
    ...queueSettings({ consumers: 2, leaseMs: 30_000 }),
    /** A function instance without work for so long is ended; 0: after each invocation. */
    functionIdleMs: 30_000,
    /** Function invocations at the same time; beyond that they are throttled with 429. */
    functionConcurrencyMax: 16,
    /** Passes over a table that a new instance makes: some 0.4 ms of CPU time each. */
    functionInitPasses: 60,
    functionTimeoutMs: 10_000,
    webhookTimeoutMs: 2_000,
    /** Finished documents that are kept. */
    documentsKeptMax: 20_000,
  },
)

const definition: ServiceDefinition = {
  name: 'documents',
  settings: documentSettings,
  schema: {
    name: 'shop_documents',
    sql: `create table if not exists documents (
            id text primary key,
            file_id text not null,
            pipeline text not null,
            webhook text,
            status text not null default 'queued',
            inspection jsonb not null,
            result jsonb,
            error text,
            created_at timestamptz not null default now(),
            finished_at timestamptz
          );
          create index if not exists documents_newest on documents (created_at desc);
          ${queueTableSql}`,
  },
  open,
}
export default definition

/** Uploaded files are worked by functions: a short look at once, the rest from a queue. */
function open({ database, peers, metrics, tracing }: ServiceContext): ServiceRoutes {
  const settings = documentSettings
  const topics = [documentTopic, webhookTopic]
  const queue = new MessageQueue({ database, settings, metrics, topics })
  const functions = new FunctionRuntime({ settings, metrics })
  const work = new DocumentWork({ database, peers, functions, queue, settings })
  const consumers = [
    new QueueConsumer<DocumentMessage>({
      ...{ queue, tracing, topic: documentTopic },
      work: (message, context) => work.process(message, context),
      onFailed: ({ documentId }, reason) => work.giveUp(documentId, reason),
    }),
    new QueueConsumer<DocumentMessage>({
      ...{ queue, tracing, topic: webhookTopic },
      work: (message, context) => work.tell(message, context),
    }),
  ]
  return {
    routes: [
      {
        method: 'POST',
        path: '/documents/process',
        handle: request => accept(request, { functions, queue }),
      },
      { method: 'GET', path: '/documents', handle: list },
      { method: 'GET', path: '/documents/:id', handle: show },
    ],
    stop: async () => {
      await Promise.all(consumers.map(consumer => consumer.stop()))
      await functions.stop()
    },
  }
}
